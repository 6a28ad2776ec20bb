//! Step 1: requests the checks and evaluations that are due.
//!
//! Every scheduler run loads the stored watch list and publishes a `FeedCheckRequested` for each due feed and a
//! `TriggerEvaluationRequested` for each due trigger. Then it stores the run, so that the next run repeats a failed one.
//! Only after that, if the list is old, it refreshes the list from Octopus until its deadline, and publishes requests for
//! new and changed triggers and new packages. A list that did not change is not written: only the run stores when it was
//! compared. A slow Octopus therefore delays no check. A run without a stored list, or
//! with [`RunScope::Everything`], refreshes first.

mod due;
mod intervals;
mod list;
mod publish;
mod requests;
mod scope;
mod sent;
mod stalled;

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::cause::CheckCause;
use domain::due::BackOff;
use domain::ids::{FeedId, PackageId, PackageKey, SpaceId};
use domain::problem::Problem;
use domain::time::{Span, Timestamp};
use domain::trigger::{NativeTriggers, WatchList};

pub use intervals::interval;
pub(crate) use requests::{PackageRequest, requests};
pub use scope::{EVALUATE_EVERY, RunScope};
pub use stalled::stalled;

use crate::StepError;
use crate::messages::{Message, Origin};
use crate::ports::{
    Budgets, Bus, BusError, Clock, History, OctopusError, OctopusReader, PauseKey, SchedulerRuns,
    TriggerFiles, WatchLists,
};
use crate::watchlist::SpaceFailure;
use due::Due;
use intervals::Intervals;
use sent::Sent;

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
    pub list: Arc<WatchList>,
    /// The error of a failed refresh; the run used the last list.
    pub stale: Option<OctopusError>,
    /// Whether the refresh of that list ended early. The next run continues it.
    pub is_unfinished: bool,
    /// Whether a refresh of the list lost more than half of its triggers.
    pub most_triggers_lost: bool,
    /// The spaces that a refresh could not read; the run used their part of the last list.
    pub failures: Vec<SpaceFailure>,
    /// Problems of the trigger file that concern no single trigger, if the list was refreshed.
    pub problems: Vec<Problem>,
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
    /// Carries out one run. The refresh ends at the `deadline`; the next run continues it.
    ///
    /// # Errors
    /// When the store or the bus fails, or when Octopus fails and there is no earlier list.
    pub async fn run(
        &self,
        scope: RunScope,
        deadline: impl Future<Output = ()>,
    ) -> Result<ScheduleReport, StepError> {
        let now = self.clock.now();
        let last = self.store.last_run().await?;
        let mut sent = Sent::new(last, now);
        // A run of a clock that was ahead counts as none.
        let last = last.filter(|run| !run.at.is_ahead_of(now));
        let restraints = self.store.restraints().await?;
        let before = self.store.watch_list().await?;
        let due = Due {
            scope,
            last_run: last.map(|run| run.at),
            is_news_only: false,
            now,
            restraints: &restraints,
        };
        let stored_first = before.as_ref().filter(|_| scope == RunScope::Due);
        if let Some(stored) = stored_first {
            self.publish_stored(stored, last, &due, &mut sent).await?;
        }
        let refreshed = if self.is_refresh_due(before.as_ref(), last.as_ref(), scope, now) {
            Some(self.refresh(before.as_ref(), now, deadline).await?)
        } else {
            None
        };
        let is_due = refreshed.is_some();
        let refreshed = refreshed.unwrap_or_default();
        if refreshed.is_unchanged {
            sent.run.list_confirmed_at = Some(now);
        }
        let list = refreshed.stored.as_ref().map(|stored| &*stored.list);
        let stalled = self.stalled(list, is_due, before.as_ref(), last, &restraints);
        let stalled = stalled.await?;
        if is_due || stalled.is_some() {
            let due = Due {
                is_news_only: stored_first.is_some(),
                ..due
            };
            let lists = (before.as_ref(), refreshed.stored.as_ref());
            self.publish_refreshed(lists, stalled.as_ref(), &due, &mut sent)
                .await?;
        }
        let known = before.as_ref().map(|stored| stored.list.triggers.len());
        let most_triggers_lost = refreshed.is_complete
            && list.is_some_and(|list| 2 * list.triggers.len() < known.unwrap_or_default());
        let used = refreshed.stored.or(before);
        Ok(ScheduleReport {
            most_triggers_lost,
            is_unfinished: used.as_ref().is_some_and(|used| used.progress.is_some()),
            list: used.map(|used| used.list).unwrap_or_default(),
            stale: refreshed.stale,
            failures: refreshed.failures,
            problems: refreshed.problems,
            unsent: sent.unsent,
            stalled: stalled.map(|stalled| stalled.triggers.len()),
            checks: sent.checks,
            evaluations: sent.evaluations,
        })
    }
}

impl<S, O, B, C> Schedule<'_, S, O, B, C> {
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
                    let is_due = slot || feed_retrying || *retrying;
                    *open && (is_due && !due.is_news_only || !is_known(key))
                })
                .map(|(key, (retrying, _))| PackageRequest::new(key, retrying, list))
                .collect();
            messages.extend(requests(
                feed,
                &chosen,
                feed_retrying,
                CheckCause::Schedule,
                due.superseded_at(interval),
                origin,
                due.now,
            ));
        }
        rotate(&mut messages, due.now);
        messages
    }
}

/// So many checks are handled at once, so they do not wait for each other.
const CHECKS_AT_ONCE: usize = 50;

/// Begins each run with other checks. If the checks do not keep up, those at the end of a run are superseded by the next run,
/// and they must not be the same in each run.
fn rotate(messages: &mut [Message], now: Timestamp) {
    /// A prime, so that all checks are first in some run.
    const STEP: usize = 7_919;
    if messages.len() > CHECKS_AT_ONCE {
        let minute = usize::try_from(now.as_seconds() / 60).unwrap_or_default();
        let first = minute.wrapping_mul(STEP) % messages.len();
        messages.rotate_left(first);
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
