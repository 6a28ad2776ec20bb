//! Requests to the process that runs on the state file.

use domain::due::BackOff;
use domain::trigger::Trigger;
use engine::ports::{Clock, PauseKey, Pauses};
use host::SystemClock;
use store::{Store, Table};

/// Requests an evaluation of the trigger in the next scheduler run: a trigger whose pause is over is evaluated then.
///
/// # Errors
/// When Octopus requested a pause that is not over, or the state cannot be read or written.
pub(super) async fn evaluate_soon<T: Table>(
    store: &Store<T>,
    trigger: &Trigger,
    reason: &str,
) -> anyhow::Result<()> {
    let key = PauseKey::Trigger(trigger.space.clone(), trigger.id.clone());
    end_pause(store, key, reason).await
}

/// Ends a pause now.
///
/// # Errors
/// When the server requested the pause and it is not over, or the state cannot be read or written.
pub(super) async fn end_pause<T: Table>(
    store: &Store<T>,
    key: PauseKey,
    reason: &str,
) -> anyhow::Result<()> {
    let now = SystemClock.now();
    let pauses = store.pauses().await?;
    let before = pauses.into_iter().find(|(own, _)| *own == key);
    let before = before.map(|(_, state)| state);
    if let Some(throttled) = before
        .as_ref()
        .filter(|one| one.throttled && !one.is_over(now))
    {
        anyhow::bail!(
            "cannot send requests now: the server is throttled until {}; the next attempt is then",
            throttled.until
        );
    }
    let requested = BackOff {
        failures: 0,
        since: None,
        until: now,
        reason: reason.to_owned(),
        throttled: false,
    };
    let state = BackOff {
        until: now,
        throttled: false,
        ..before.unwrap_or(requested)
    };
    Ok(store.pause(&key, &state).await?)
}
