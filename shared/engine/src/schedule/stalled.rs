//! Stalled triggers: those without a successful evaluation for too long, or with a package that could not be read
//! for as long. Whatever the reason (Octopus refuses requests, messages are lost, a step was deleted, a feed does not
//! answer), operators must learn that no decision is made.

use domain::history::stalls_at;
use domain::time::Timestamp;
use domain::trigger::WatchList;

use super::Schedule;
use super::list::is_unpublished;
use super::scope::EVALUATE_EVERY;
use crate::StepError;
use crate::messages::{Event, Message, Origin, StalledTrigger};
use crate::ports::{Clock, History, Restraints, SchedulerRun, StoreError, StoredWatchList};

/// The stalled triggers of the list, in its order.
///
/// # Errors
/// When the store fails.
pub async fn stalled<S: History>(
    store: &S,
    list: &WatchList,
    restraints: &Restraints,
    now: Timestamp,
) -> Result<Vec<StalledTrigger>, StoreError> {
    let successes = store.last_successes().await?;
    let states = list.triggers.iter().map(|trigger| StalledTrigger {
        trigger: trigger.id.clone(),
        trigger_name: trigger.name.clone(),
        space: trigger.space.clone(),
        project_name: trigger.project_name.clone(),
        watched_since: trigger.since,
        last_success: successes
            .get(&(trigger.space.clone(), trigger.id.clone()))
            .copied(),
        failing_since: restraints
            .first_read_failure(trigger)
            .and_then(|failure| failure.since),
        reason: restraints
            .first_read_failure(trigger)
            .map(|failure| failure.reason.clone()),
    });
    Ok(states.filter(|state| stalled_at(state) <= now).collect())
}

fn stalled_at(state: &StalledTrigger) -> Timestamp {
    let StalledTrigger {
        watched_since,
        last_success,
        failing_since,
        ..
    } = *state;
    stalls_at(last_success, watched_since, failing_since, EVALUATE_EVERY)
}

impl<S: History, O, B, C: Clock> Schedule<'_, S, O, B, C> {
    /// Finds the stalled triggers if a refresh of the list is due, and once more if the run that refreshed it
    /// did not finish. `list` is the refreshed list, if any.
    pub(super) async fn stalled(
        &self,
        list: Option<&WatchList>,
        is_due: bool,
        before: Option<&StoredWatchList>,
        last: Option<SchedulerRun>,
        restraints: &Restraints,
    ) -> Result<Option<Stalled>, StepError> {
        if !is_due && !before.is_some_and(|stored| is_unpublished(stored, last)) {
            return Ok(None);
        }
        let stored = before.map(|stored| &*stored.list);
        let searched_at = self.clock.now();
        let triggers = match list.or(stored) {
            Some(list) => stalled(self.store, list, restraints, searched_at).await?,
            None => Vec::new(),
        };
        let mut stalled = Stalled {
            searched_at,
            triggers,
            checked_before: before.map(|stored| self.checked_before(stored, last)),
        };
        self.add_reasons(&mut stalled).await?;
        Ok(Some(stalled))
    }

    /// Adds the reason of the last evaluation to the triggers that are to be published without a failed package.
    async fn add_reasons(&self, stalled: &mut Stalled) -> Result<(), StepError> {
        let before = stalled.checked_before;
        let is_unexplained =
            |state: &&mut StalledTrigger| state.reason.is_none() && is_new(state, before);
        for state in stalled.triggers.iter_mut().filter(is_unexplained) {
            let last = self.store.recent(&state.space, &state.trigger, 1).await?;
            state.reason = last.into_iter().next().map(|last| last.reason);
        }
        Ok(())
    }

    /// The last time at which stalled triggers were searched and published. Rows of older versions do not contain it; then it
    /// is the time when the list was refreshed; of the last run, if its refresh failed; or one interval before the last run,
    /// if the run that refreshed the list did not finish.
    fn checked_before(&self, stored: &StoredWatchList, last: Option<SchedulerRun>) -> Timestamp {
        if let Some(searched_at) = last.and_then(|run| run.stalls_searched_at) {
            return searched_at;
        }
        let refreshed_at = stored.refreshed_at(last.as_ref());
        let last_run = last.map(|run| run.at).unwrap_or_default();
        let refresh_every = self.settings.refresh_every;
        if is_unpublished(stored, last) {
            last_run.min(stored.read_at) - refresh_every
        } else if last_run.since(refreshed_at) >= refresh_every {
            last_run
        } else {
            refreshed_at
        }
    }
}

/// The stalled triggers of a run.
pub(super) struct Stalled {
    pub(super) searched_at: Timestamp,
    pub(super) triggers: Vec<StalledTrigger>,
    /// The last time at which stalled triggers were published; `None` if never.
    pub(super) checked_before: Option<Timestamp>,
}

impl Stalled {
    /// Messages about the triggers that stalled since then.
    pub(super) fn messages(&self, origin: &Origin, now: Timestamp) -> Vec<Message> {
        let message = |state: &StalledTrigger| {
            let at = stalled_at(state).as_millis().to_string();
            let unique = [state.space.as_str(), state.trigger.as_str(), &at];
            Message::new(origin, Event::TriggerStalled(state.clone()), &unique, now)
        };
        let new = self.triggers.iter();
        let new = new.filter(|state| is_new(state, self.checked_before));
        new.map(message).collect()
    }
}

/// Whether the trigger stalled since then.
fn is_new(state: &StalledTrigger, checked_before: Option<Timestamp>) -> bool {
    checked_before.is_none_or(|at| stalled_at(state) > at)
}
