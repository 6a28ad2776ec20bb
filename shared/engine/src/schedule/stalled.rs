//! Triggers that have not been evaluated with success for too long. Whatever the reason is (Octopus refuses,
//! messages are lost, an evaluation that never ends), somebody has to know that nothing is decided.

use domain::history::stalls_at;
use domain::time::Timestamp;
use domain::trigger::WatchList;

use super::list::Current;
use super::{EVALUATE_EVERY, Schedule};
use crate::StepError;
use crate::messages::{Event, Message, Origin, StalledTrigger};
use crate::ports::{History, StoreError, StoredWatchList};

/// The triggers of the list that are stalled now, in the list's order.
///
/// # Errors
/// When the store fails.
pub async fn stalled<S: History>(
    store: &S,
    list: &WatchList,
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
    });
    Ok(states.filter(|state| stalled_at(state) <= now).collect())
}

fn stalled_at(state: &StalledTrigger) -> Timestamp {
    stalls_at(state.last_success, state.watched_since, EVALUATE_EVERY)
}

impl<S: History, O, B, C> Schedule<'_, S, O, B, C> {
    /// The stalled triggers, if it is time to look for them: with each reading of the list, and once more
    /// where the round that read it did not come to its end.
    pub(super) async fn stalled(
        &self,
        read: &Current,
        before: Option<&StoredWatchList>,
        last_run: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Option<Stalled>, StepError> {
        let is_unfinished = |stored: &StoredWatchList| last_run < Some(stored.read_at);
        if !read.is_due && !before.is_some_and(is_unfinished) {
            return Ok(None);
        }
        let stored = before.map(|stored| &stored.list);
        let triggers = match read.fresh.as_ref().or(stored) {
            Some(list) => stalled(self.store, list, now).await?,
            None => Vec::new(),
        };
        Ok(Some(Stalled {
            triggers,
            looked_before: before.map(|stored| self.looked_before(stored, last_run)),
        }))
    }

    /// When stalled triggers were looked for before and what was found was published: when the list was
    /// read; with the last tick, if that could not read the list anew; or before it, if the round that read
    /// the list did not come to its end.
    fn looked_before(&self, stored: &StoredWatchList, last_run: Option<Timestamp>) -> Timestamp {
        let read_at = stored.read_at;
        let tick = last_run.unwrap_or_default();
        let refresh_every = self.settings.refresh_every;
        if tick < read_at {
            tick - refresh_every
        } else if tick.since(read_at) >= refresh_every {
            tick
        } else {
            read_at
        }
    }
}

/// What a round found.
pub(super) struct Stalled {
    pub(super) triggers: Vec<StalledTrigger>,
    /// When that was looked for before, and what was found then published.
    pub(super) looked_before: Option<Timestamp>,
}

impl Stalled {
    /// Messages about those that were not stalled yet when that was looked for before.
    pub(super) fn messages(&self, origin: &Origin, now: Timestamp) -> Vec<Message> {
        let before = self.looked_before;
        let is_new = |state: &&StalledTrigger| before.is_none_or(|at| stalled_at(state) > at);
        let message = |state: &StalledTrigger| {
            let at = stalled_at(state).as_millis().to_string();
            let unique = [state.space.as_str(), state.trigger.as_str(), &at];
            Message::new(origin, Event::TriggerStalled(state.clone()), &unique, now)
        };
        self.triggers.iter().filter(is_new).map(message).collect()
    }
}
