//! Publishes the requests of a run and stores the run.

use domain::trigger::WatchList;

use super::Schedule;
use super::due::{Due, evaluations};
use super::list::{is_unpublished, older_triggers};
use super::sent::Sent;
use super::stalled::Stalled;
use crate::StepError;
use crate::messages::{Message, Origin};
use crate::ports::{Bus, SchedulerRun, SchedulerRuns, StoredWatchList};

impl<S: SchedulerRuns, O, B: Bus, C> Schedule<'_, S, O, B, C> {
    /// Publishes the due requests of the stored list and stores the run.
    pub(super) async fn publish_stored(
        &self,
        stored: &StoredWatchList,
        last: Option<SchedulerRun>,
        due: &Due<'_>,
        sent: &mut Sent,
    ) -> Result<(), StepError> {
        let known = is_unpublished(stored, last).then(|| older_triggers(stored));
        let origin = Origin::new(&["schedule", &due.now.as_millis().to_string()]);
        let messages = self.due(&stored.list, known.as_ref(), due, &origin);
        self.publish(messages, sent).await?;
        self.store.remember_run(&sent.run).await?;
        Ok(())
    }

    /// Publishes the due requests of the refreshed list and the stalled triggers, and stores the run. `lists` are the
    /// list before the refresh and the refreshed one, if any.
    pub(super) async fn publish_refreshed(
        &self,
        (before, refreshed): (Option<&StoredWatchList>, Option<&StoredWatchList>),
        stalled: Option<&Stalled>,
        due: &Due<'_>,
        sent: &mut Sent,
    ) -> Result<(), StepError> {
        let origin = if due.is_news_only {
            "refresh"
        } else {
            "schedule"
        };
        let origin = Origin::new(&[origin, &due.now.as_millis().to_string()]);
        let empty = WatchList::default();
        let known = before.map_or(&empty, |stored| &*stored.list);
        let mut messages = match refreshed {
            Some(stored) => self.due(&stored.list, Some(known), due, &origin),
            None => self.due(known, None, due, &origin),
        };
        if let Some(stalled) = stalled {
            messages.extend(stalled.messages(&origin, due.now));
        }
        self.publish(messages, sent).await?;
        if let Some(stalled) = stalled {
            sent.run.stalls_searched_at = Some(stalled.searched_at);
        }
        sent.run.list_read_at = refreshed.or(before).map(|stored| stored.read_at);
        self.store.remember_run(&sent.run).await?;
        Ok(())
    }

    /// Requests the due checks and evaluations. `known` is the list before a refresh; `None` if the list is not new.
    fn due(
        &self,
        list: &WatchList,
        known: Option<&WatchList>,
        due: &Due<'_>,
        origin: &Origin,
    ) -> Vec<Message> {
        let mut messages = self.checks(list, known, due, origin);
        messages.extend(evaluations(list, known, due, origin));
        messages
    }

    /// Publishes the messages and counts them.
    async fn publish(&self, messages: Vec<Message>, sent: &mut Sent) -> Result<(), StepError> {
        match self.bus.publish(&messages).await {
            Err(error) if error.is_permanent() => sent.unsent = Some(error),
            published => published?,
        }
        sent.count(&messages);
        Ok(())
    }
}
