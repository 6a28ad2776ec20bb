//! Requests an evaluation now, without a change and even if the trigger is paused.

use domain::time::Timestamp;
use domain::trigger::Trigger;

use engine::messages::{EvaluationRequest, Event, Message, Origin};
use engine::ports::{PauseKey, Pauses, StoreError};

/// Builds the request. Each request has its own message id, so a repeated request is not a duplicate.
///
/// # Errors
/// When the store fails.
pub async fn evaluation<S: Pauses>(
    store: &S,
    trigger: &Trigger,
    now: Timestamp,
) -> Result<Message, StoreError> {
    let pause = PauseKey::Trigger(trigger.space.clone(), trigger.id.clone());
    let mut pauses = store.pauses().await?.into_iter();
    let request = EvaluationRequest {
        space: trigger.space.clone(),
        trigger: trigger.id.clone(),
        cause: "asked for".to_owned(),
        retrying: pauses.any(|(key, _)| key == pause),
    };
    let at = now.as_millis().to_string();
    let unique = [at.as_str(), trigger.space.as_str(), trigger.id.as_str()];
    let origin = Origin::new(&["evaluate", &at, trigger.id.as_str()]);
    let event = Event::TriggerEvaluationRequested(request);
    Ok(Message::new(&origin, event, &unique, now))
}
