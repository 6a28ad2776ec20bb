//! Refreshes the watch list if that is due.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::definition::Definitions;
use domain::ids::{SpaceId, TriggerId};
use domain::problem::Problem;
use domain::time::{Span, Timestamp};
use domain::trigger::{Trigger, WatchList};

use super::Schedule;
use super::scope::RunScope;
use crate::StepError;
use crate::ports::{
    Clock, OctopusError, OctopusErrorKind, OctopusReader, RefreshProgress, SaveError, SchedulerRun,
    StoredWatchList, TriggerFiles, WatchLists,
};
use crate::watchlist::{Previous, RefreshInput, SpaceFailure, read_watch_list_until};

/// A refresh that ended early is not continued after this time; the next one starts again.
const CONTINUED_FOR: Span = Span::from_hours(1);

/// The outcome of a refresh.
#[derive(Default)]
pub(super) struct Refreshed {
    /// The refreshed list; `None` if the refresh failed.
    pub(super) stored: Option<StoredWatchList>,
    /// Whether the refresh read everything.
    pub(super) is_complete: bool,
    /// Whether the refresh found the stored list unchanged, so that it was not written.
    pub(super) is_unchanged: bool,
    pub(super) stale: Option<OctopusError>,
    pub(super) failures: Vec<SpaceFailure>,
    pub(super) problems: Vec<Problem>,
}

impl<S, O, B, C> Schedule<'_, S, O, B, C>
where
    S: WatchLists + TriggerFiles,
    O: OctopusReader,
    C: Clock,
{
    /// Whether a refresh is due: by its interval, because another trigger file was applied, or because the last one ended
    /// early.
    pub(super) fn is_refresh_due(
        &self,
        before: Option<&StoredWatchList>,
        last: Option<&SchedulerRun>,
        scope: RunScope,
        now: Timestamp,
    ) -> bool {
        let Some(stored) = before.filter(|_| scope == RunScope::Due) else {
            return true;
        };
        stored.is_outdated
            || stored.progress.is_some()
            || now.since(stored.refreshed_at(last)) >= self.settings.refresh_every
            || stored.read_at.is_ahead_of(now)
    }

    /// Refreshes the list until the deadline, and stores it if it changed.
    pub(super) async fn refresh(
        &self,
        before: Option<&StoredWatchList>,
        now: Timestamp,
        deadline: impl Future<Output = ()>,
    ) -> Result<Refreshed, StepError> {
        let file = self.store.trigger_file().await?;
        let revision = file.as_ref().map(|file| file.revision);
        let definitions = file.map(|file| file.definitions).unwrap_or_default();
        let input = self.input(before, &definitions, revision, now);
        let (fresh, error) = read_watch_list_until(self.octopus, input, deadline).await;
        let Some(fresh) = fresh else {
            let error = error.unwrap_or_else(too_slow);
            if before.is_none() {
                return Err(StepError::Octopus(error));
            }
            return Ok(Refreshed {
                stale: Some(error),
                ..Refreshed::default()
            });
        };
        let is_unchanged = |stored: &&StoredWatchList| {
            !stored.is_outdated
                && stored.file == revision
                && stored.progress == fresh.progress
                && *stored.list == fresh.list
        };
        if let Some(unchanged) = before.filter(is_unchanged) {
            return Ok(Refreshed {
                is_complete: unchanged.progress.is_none(),
                is_unchanged: true,
                stored: Some(unchanged.clone()),
                stale: error,
                failures: fresh.failures,
                problems: fresh.problems,
            });
        }
        let stored = StoredWatchList {
            changed: changed_triggers(before.map(|stored| &*stored.list), &fresh.list),
            list: Arc::new(fresh.list),
            read_at: now,
            file: revision,
            is_outdated: false,
            progress: fresh.progress,
            revision: before.and_then(|stored| stored.revision),
        };
        match self.store.save_watch_list(&stored).await {
            Ok(()) => {}
            Err(SaveError::Conflict(_)) => return self.list_of_another_run(error).await,
            Err(SaveError::Store(error)) => return Err(error.into()),
        }
        Ok(Refreshed {
            is_complete: stored.progress.is_none(),
            is_unchanged: false,
            stored: Some(stored),
            stale: error,
            failures: fresh.failures,
            problems: fresh.problems,
        })
    }

    /// The list that another run has stored, or another trigger file has outdated, since this run began. The next
    /// refresh reads what this one has read again.
    async fn list_of_another_run(
        &self,
        stale: Option<OctopusError>,
    ) -> Result<Refreshed, StepError> {
        Ok(Refreshed {
            stored: self.store.watch_list().await?,
            stale,
            ..Refreshed::default()
        })
    }

    fn input<'a>(
        &'a self,
        before: Option<&'a StoredWatchList>,
        definitions: &'a Definitions,
        file: Option<u64>,
        now: Timestamp,
    ) -> RefreshInput<'a> {
        let has_same_file = before.is_some_and(|stored| stored.file == file);
        let progress = before.and_then(|stored| stored.progress.as_ref());
        RefreshInput {
            spaces: &self.settings.spaces,
            native: self.settings.native,
            definitions,
            previous: before.map(|stored| Previous {
                list: &stored.list,
                has_same_file,
                is_unfinished: stored.progress.is_some(),
            }),
            progress: progress.filter(|one| has_same_file && is_continued(one, now)),
            now,
        }
    }
}

fn is_continued(progress: &RefreshProgress, now: Timestamp) -> bool {
    now.since(progress.started) < CONTINUED_FOR && !progress.started.is_ahead_of(now)
}

/// The deadline passed before anything was read.
fn too_slow() -> OctopusError {
    OctopusError {
        message: "cannot read the triggers from Octopus: it did not answer before the end of the scheduler run; \
                  check that Octopus answers within a few seconds"
            .to_owned(),
        kind: OctopusErrorKind::Unavailable,
        source: None,
    }
}

/// Whether no run has requested the new triggers of the list, because the run that read it was killed.
pub(super) fn is_unpublished(stored: &StoredWatchList, last: Option<SchedulerRun>) -> bool {
    let published = last.map(|run| run.list_read_at.unwrap_or(run.at));
    published < Some(stored.read_at)
}

/// The list without its new and changed triggers.
pub(super) fn older_triggers(stored: &StoredWatchList) -> WatchList {
    let mut older = WatchList::clone(&stored.list);
    older.triggers.retain(|trigger| {
        let key = (trigger.space.clone(), trigger.id.clone());
        !stored.changed.contains(&key)
    });
    older
}

fn changed_triggers(
    before: Option<&WatchList>,
    list: &WatchList,
) -> BTreeSet<(SpaceId, TriggerId)> {
    let known = before.map(|before| before.triggers.iter());
    let known: BTreeMap<_, _> = known
        .into_iter()
        .flatten()
        .map(|one| (one.key(), one))
        .collect();
    let is_changed = |trigger: &&Trigger| {
        let before = known.get(&trigger.key());
        before.is_none_or(|before| !before.is_same_as(trigger))
    };
    let changed = list.triggers.iter().filter(is_changed);
    changed
        .map(|trigger| (trigger.space.clone(), trigger.id.clone()))
        .collect()
}
