//! Step 1: requests the checks and evaluations that are due.
//!
//! Every scheduler run loads the watch list, refreshes it from Octopus when it is old, and publishes a
//! `FeedCheckRequested` for each due feed and a `TriggerEvaluationRequested` for each due trigger. If
//! Octopus cannot be reached, the run uses the last list and reports the error. The run is stored only after
//! everything was published, so the next run repeats a failed one.

mod due;
mod intervals;
mod list;
mod requests;
mod scope;
mod stalled;

use std::collections::BTreeMap;

use domain::cause::CheckCause;
use domain::due::BackOff;
use domain::ids::{FeedId, PackageId, PackageKey, SpaceId};
use domain::time::Span;
use domain::trigger::{NativeTriggers, WatchList};
use domain::usage::Usage;

pub use intervals::interval;
pub(crate) use requests::{PackageRequest, requests};
pub use scope::{EVALUATE_EVERY, RunScope};
pub use stalled::stalled;

use crate::StepError;
use crate::messages::{Event, Message, Origin};
use crate::ports::{
    Budgets, Bus, BusError, Clock, History, OctopusError, OctopusReader, PauseKey, SchedulerRun,
    SchedulerRuns, TriggerFiles, WatchLists,
};
use due::{Due, evaluations};
use intervals::Intervals;

/// Packages in one check request. A single read of the store returns that many heads.
pub const PACKAGES_PER_CHECK: usize = 90;

/// The settings of scheduler runs.
#[derive(Clone, Debug)]
pub struct ScheduleSettings {
    /// The spaces, by name or id; `*` for all.
    pub spaces: Vec<String>,
    /// The native triggers that this program runs.
    pub native: NativeTriggers,
    /// How often a feed is checked.
    pub check_every: Span,
    /// How often the watch list is refreshed from Octopus.
    pub refresh_every: Span,
}

pub struct Schedule<'a, S, O, B, C> {
    pub store: &'a S,
    pub octopus: &'a O,
    pub bus: &'a B,
    pub clock: &'a C,
    pub settings: &'a ScheduleSettings,
}

/// The outcome of a scheduler run.
#[derive(Debug)]
pub struct ScheduleReport {
    /// The list that the run used.
    pub list: WatchList,
    /// The error of a failed refresh; the run used the last list.
    pub stale: Option<OctopusError>,
    /// Whether a refresh of the list lost more than half of its triggers.
    pub most_triggers_lost: bool,
    /// Problems of the trigger file that concern no single trigger, if the list was refreshed.
    pub problems: Vec<String>,
    /// The error of messages that are too large for the bus. They were left out; all others were published.
    pub unsent: Option<BusError>,
    /// Number of stalled triggers: those without a successful evaluation for too long. Counted only when a
    /// refresh of the list is due.
    pub stalled: Option<usize>,
    /// Number of requested checks.
    pub checks: usize,
    /// Number of requested evaluations.
    pub evaluations: usize,
}

impl<S, O, B, C> Schedule<'_, S, O, B, C>
where
    S: WatchLists + TriggerFiles + SchedulerRuns + Budgets + History,
    O: OctopusReader,
    B: Bus,
    C: Clock,
{
    /// Carries out one run.
    ///
    /// # Errors
    /// When the store or the bus fails, or when Octopus fails and there is no earlier list.
    pub async fn run(&self, scope: RunScope) -> Result<ScheduleReport, StepError> {
        let now = self.clock.now();
        let last = self.store.last_run().await?;
        let last_run = last.map(|run| run.at).filter(|at| !at.is_ahead_of(now));
        let restraints = self.store.restraints().await?;
        let before = self.store.watch_list().await?;
        let read = self.current_list(before.as_ref(), scope, now).await?;
        let stalled = self.stalled(&read, before.as_ref(), last_run, now).await?;
        let stored = before.map(|stored| stored.list).unwrap_or_default();
        let (list, known) = match &read.fresh {
            Some(fresh) => (fresh, Some(&stored)),
            None => (&stored, None),
        };
        let due = Due {
            scope,
            last_run,
            now,
            restraints: &restraints,
        };

        let origin = Origin::new(&["schedule", &now.as_millis().to_string()]);
        let mut messages = self.checks(list, known, &due, &origin);
        let checks = messages.len();
        let packages = messages.iter().map(packages_of).sum();
        messages.extend(evaluations(list, known, &due, &origin));
        let evaluations = messages.len() - checks;
        if let Some(stalled) = &stalled {
            messages.extend(stalled.messages(&origin, now));
        }
        let unsent = match self.bus.publish(&messages).await {
            Err(error) if error.is_permanent() => Some(error),
            published => {
                published?;
                None
            }
        };
        let usage = last.and_then(|run| run.counted);
        let usage = usage.unwrap_or_else(|| Usage::since(now));
        let run = SchedulerRun {
            at: now,
            counted: Some(usage.with_run(checks, packages, evaluations)),
        };
        self.store.remember_run(&run).await?;
        let most_triggers_lost = 2 * list.triggers.len() < stored.triggers.len();
        Ok(ScheduleReport {
            most_triggers_lost,
            list: read.fresh.unwrap_or(stored),
            stale: read.stale,
            problems: read.problems,
            unsent,
            stalled: stalled.map(|stalled| stalled.triggers.len()),
            checks,
            evaluations,
        })
    }

    /// Requests the due checks. `known` is the list before a refresh; `None` if the list is not new.
    fn checks(
        &self,
        list: &WatchList,
        known: Option<&WatchList>,
        due: &Due<'_>,
        origin: &Origin,
    ) -> Vec<Message> {
        let watched = list.packages_by_feed();
        let watched_before = known.map(WatchList::packages_by_feed);
        let intervals = Intervals::new(due.restraints, list, &watched);
        let feeds = list.feeds.iter().rev();
        let feeds: BTreeMap<_, _> = feeds.map(|feed| ((&feed.space, &feed.id), feed)).collect();
        let mut messages = Vec::new();
        for (id @ (space, feed_id), packages) in &watched {
            let Some(feed) = feeds.get(&(space, feed_id)) else {
                continue;
            };
            let (feed_retrying, open) = due.pause(&PauseKey::Feed(space.clone(), feed_id.clone()));
            if !open {
                continue;
            }
            let Some(interval) = intervals.interval(feed, self.settings.check_every, due.now)
            else {
                continue;
            };
            let slot = due.slot(&slot_name(space, feed_id), interval);
            let known = watched_before.as_ref().map(|before| before.get(id));
            let is_known = |key: &PackageKey| {
                // The packages are sorted.
                let is_among = |known: &Vec<PackageKey>| known.binary_search(key).is_ok();
                known.is_none_or(|known| known.is_some_and(is_among))
            };
            let chosen: Vec<_> = packages
                .iter()
                .map(|key| (key, due.pause(&PauseKey::Package(key.clone()))))
                .filter(|(key, (retrying, open))| {
                    *open && (slot || feed_retrying || *retrying || !is_known(key))
                })
                .map(|(key, (retrying, _))| PackageRequest::new(key, retrying, list))
                .collect();
            messages.extend(requests(
                feed,
                &chosen,
                feed_retrying,
                CheckCause::Schedule,
                origin,
                due.now,
            ));
        }
        messages
    }
}

/// The name by which a feed's time slot is computed.
pub fn slot_name(space: &SpaceId, feed: &FeedId) -> String {
    format!("{space}/{feed}")
}

/// The pauses of a feed and of its packages.
pub(crate) fn feed_pauses<'a>(
    pauses: &'a [(PauseKey, BackOff)],
    space: &SpaceId,
    feed: &FeedId,
) -> (Option<&'a BackOff>, BTreeMap<PackageId, &'a BackOff>) {
    let mut whole = None;
    let mut packages = BTreeMap::new();
    for (key, state) in pauses {
        match key {
            PauseKey::Feed(one, other) if one == space && other == feed => whole = Some(state),
            PauseKey::Package(key) if key.space == *space && key.feed == *feed => {
                packages.insert(key.package.clone(), state);
            }
            _ => {}
        }
    }
    (whole, packages)
}

/// Number of packages that a message requests.
fn packages_of(message: &Message) -> usize {
    match &message.event {
        Event::FeedCheckRequested(check) => check.packages.len(),
        _ => 0,
    }
}
