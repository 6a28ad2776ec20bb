//! The watch list of a scheduler run: the stored one, or a fresh one.

use domain::time::Timestamp;
use domain::trigger::WatchList;

use super::{RunScope, Schedule, ScheduleSettings};
use crate::StepError;
use crate::ports::{Clock, OctopusError, OctopusReader, StoredWatchList, TriggerFiles, WatchLists};
use crate::watchlist::{FreshList, read_watch_list};

/// The watch list of a run.
pub(super) struct Current {
    /// The refreshed list; `None` if the run uses the stored one.
    pub(super) fresh: Option<WatchList>,
    /// A refresh was due.
    pub(super) is_due: bool,
    pub(super) stale: Option<OctopusError>,
    pub(super) problems: Vec<String>,
}

impl<S, O, B, C> Schedule<'_, S, O, B, C>
where
    S: WatchLists + TriggerFiles,
    O: OctopusReader,
    C: Clock,
{
    /// The list, refreshed if that is due or another trigger file was applied.
    pub(super) async fn current_list(
        &self,
        before: Option<&StoredWatchList>,
        scope: RunScope,
        now: Timestamp,
    ) -> Result<Current, StepError> {
        if let (Some(stored), RunScope::Due) = (before, scope)
            && !stored.is_outdated
            && now.since(stored.read_at) < self.settings.refresh_every
            && !stored.read_at.is_ahead_of(now)
        {
            return Ok(Current {
                fresh: None,
                is_due: false,
                stale: None,
                problems: Vec::new(),
            });
        }
        let file = self.store.trigger_file().await?;
        let ScheduleSettings { spaces, native, .. } = self.settings;
        let definitions = file.as_ref().map(|file| &file.definitions);
        let previous = before.map(|stored| &stored.list);
        let read = read_watch_list(self.octopus, spaces, *native, definitions, previous, now).await;
        match (read, before) {
            (Ok(FreshList { list, problems, .. }), _) => {
                let stored = StoredWatchList {
                    list,
                    read_at: now,
                    file: file.map(|file| file.revision),
                    is_outdated: false,
                };
                self.store.save_watch_list(&stored).await?;
                Ok(Current {
                    fresh: Some(stored.list),
                    is_due: true,
                    stale: None,
                    problems,
                })
            }
            (Err(error), Some(_)) => Ok(Current {
                fresh: None,
                is_due: true,
                stale: Some(error),
                problems: Vec::new(),
            }),
            (Err(error), None) => Err(StepError::Octopus(error)),
        }
    }
}
