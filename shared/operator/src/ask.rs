//! Requests an evaluation now, without a change and even if the trigger is paused.

use domain::cause::{CheckCause, EvaluationCause};
use domain::feed::Feed;
use domain::time::Timestamp;
use domain::trigger::{Trigger, WatchList};

use engine::messages::{EvaluationRequest, Event, FeedCheck, Message, Origin};
use engine::ports::{PauseKey, Pauses, StoreError};
use engine::schedule::PACKAGES_PER_CHECK;

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
        cause: EvaluationCause::Requested,
        retrying: pauses.any(|(key, _)| key == pause),
        change: None,
    };
    let at = now.as_millis().to_string();
    let unique = [at.as_str(), trigger.space.as_str(), trigger.id.as_str()];
    let origin = Origin::new(&["evaluate", &at, trigger.id.as_str()]);
    let event = Event::TriggerEvaluationRequested(request);
    Ok(Message::new(&origin, event, &unique, now))
}

/// Requests for a check of a feed's watched packages.
///
/// # Errors
/// When the store fails.
pub async fn feed_check<S: Pauses>(
    store: &S,
    list: &WatchList,
    feed: &Feed,
    now: Timestamp,
) -> Result<Vec<Message>, StoreError> {
    let pauses = store.pauses().await?;
    let is_paused = |key: &PauseKey| pauses.iter().any(|(own, _)| own == key);
    let feed_retrying = is_paused(&PauseKey::Feed(feed.space.clone(), feed.id.clone()));
    let by_feed = list.packages_by_feed();
    let packages = by_feed.get(&(feed.space.clone(), feed.id.clone()));
    let packages = packages.map(Vec::as_slice).unwrap_or_default();
    let at = now.as_millis().to_string();
    let origin = Origin::new(&["check", &at, feed.space.as_str(), feed.id.as_str()]);
    let message = |chunk: &[domain::ids::PackageKey]| {
        let retrying = chunk
            .iter()
            .filter(|key| is_paused(&PauseKey::Package((*key).clone())));
        let details = chunk.iter().filter_map(|key| {
            let details = list.details.get(key)?;
            Some((key.package.clone(), details.clone()))
        });
        let check = FeedCheck {
            feed: feed.clone(),
            packages: chunk.iter().map(|key| key.package.clone()).collect(),
            retrying: retrying.map(|key| key.package.clone()).collect(),
            details: details.collect(),
            feed_retrying,
            cause: CheckCause::Requested,
            superseded_at: None,
        };
        let first = chunk.first().map_or("", |key| key.package.as_str());
        let unique = [at.as_str(), feed.space.as_str(), feed.id.as_str(), first];
        Message::new(&origin, Event::FeedCheckRequested(check), &unique, now)
    };
    Ok(packages.chunks(PACKAGES_PER_CHECK).map(message).collect())
}
