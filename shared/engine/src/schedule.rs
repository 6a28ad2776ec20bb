//! Step 1: who is to be looked at now.
//!
//! Every tick loads the watch list, reads it anew from Octopus when it is old, and publishes a
//! `FeedCheckRequested` for each feed that is due and a `TriggerEvaluationRequested` for each trigger
//! whose time has come. If Octopus cannot be reached, the last list stands and the report says so. The
//! tick is remembered only after everything was published: a round that failed is made up by the next.

mod due;
mod list;
mod pace;
mod requests;
mod stalled;

use std::collections::BTreeMap;

use domain::due::BackOff;
use domain::ids::{FeedId, PackageId, PackageKey, SpaceId};
use domain::time::Span;
use domain::trigger::{NativeTriggers, WatchList};
use domain::usage::Usage;

pub use pace::interval;
pub(crate) use requests::{Wanted, requests};
pub use stalled::stalled;

use crate::StepError;
use crate::messages::{Event, Message, Origin};
use crate::ports::{
    Budgets, Bus, Clock, History, OctopusError, OctopusReader, PauseKey, SchedulerRun,
    SchedulerRuns, TriggerFiles, WatchLists,
};
use due::{Due, evaluations};
use pace::Pace;

/// How many packages one request names: a single read of the store covers that many heads.
pub const PACKAGES_PER_CHECK: usize = 90;

/// Every trigger is evaluated again at least this often, from what is and not from what was announced.
pub const EVALUATE_EVERY: Span = Span::from_hours(1);

/// How the schedule is kept.
#[derive(Clone, Debug)]
pub struct ScheduleSettings {
    /// The spaces, by name or id; `*` for all.
    pub spaces: Vec<String>,
    /// Which native triggers are run.
    pub native: NativeTriggers,
    /// How often a feed is checked.
    pub check_every: Span,
    /// How often the watch list is read anew.
    pub refresh_every: Span,
}

/// What a round covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunScope {
    /// What is due.
    Due,
    /// Everything, and the watch list is read anew.
    Everything,
}

/// The step.
pub struct Schedule<'a, S, O, B, C> {
    /// The store.
    pub store: &'a S,
    /// Octopus.
    pub octopus: &'a O,
    /// The bus.
    pub bus: &'a B,
    /// The clock.
    pub clock: &'a C,
    /// The settings.
    pub settings: &'a ScheduleSettings,
}

/// What a round did.
#[derive(Debug)]
pub struct ScheduleReport {
    /// The list that the round used.
    pub list: WatchList,
    /// Why the list could not be read anew, if it should have been; the last one was used.
    pub stale: Option<OctopusError>,
    /// What is wrong with the applied file and with no single trigger of it, if the list was read anew.
    pub problems: Vec<String>,
    /// How many triggers have not been evaluated with success for too long; looked at when the list is to be
    /// read anew.
    pub stalled: Option<usize>,
    /// How many checks were asked for.
    pub checks: usize,
    /// How many evaluations were asked for.
    pub evaluations: usize,
}

impl<S, O, B, C> Schedule<'_, S, O, B, C>
where
    S: WatchLists + TriggerFiles + SchedulerRuns + Budgets + History,
    O: OctopusReader,
    B: Bus,
    C: Clock,
{
    /// Makes one round.
    ///
    /// # Errors
    /// When the store or the bus fails, or when Octopus fails and there is no earlier list.
    pub async fn run(&self, round: RunScope) -> Result<ScheduleReport, StepError> {
        let now = self.clock.now();
        let last = self.store.last_run().await?;
        let last_run = last.map(|tick| tick.at);
        let restraints = self.store.restraints().await?;
        let before = self.store.watch_list().await?;
        let read = self.current_list(before.as_ref(), round, now).await?;
        let stalled = self.stalled(&read, before.as_ref(), last_run, now).await?;
        let stored = before.map(|stored| stored.list).unwrap_or_default();
        let (list, known) = match &read.fresh {
            Some(fresh) => (fresh, Some(&stored)),
            None => (&stored, None),
        };
        let due = Due {
            round,
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
        self.bus.publish(&messages).await?;
        let counted = last.and_then(|tick| tick.counted);
        let counted = counted.unwrap_or_else(|| Usage::since(now));
        let tick = SchedulerRun {
            at: now,
            counted: Some(counted.with_run(checks, packages, evaluations)),
        };
        self.store.remember_run(&tick).await?;
        Ok(ScheduleReport {
            list: read.fresh.unwrap_or(stored),
            stale: read.stale,
            problems: read.problems,
            stalled: stalled.map(|stalled| stalled.triggers.len()),
            checks,
            evaluations,
        })
    }

    /// Requests for the checks that are due. `known` is the list before this one, if there is another.
    fn checks(
        &self,
        list: &WatchList,
        known: Option<&WatchList>,
        due: &Due<'_>,
        origin: &Origin,
    ) -> Vec<Message> {
        let watched = list.packages_by_feed();
        let watched_before = known.map(WatchList::packages_by_feed);
        let pace = Pace::new(due.restraints, list, &watched);
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
            let Some(interval) = pace.interval(feed, self.settings.check_every, due.now) else {
                continue;
            };
            let slot = due.slot(&slot_name(space, feed_id), interval);
            let known = watched_before.as_ref().map(|before| before.get(id));
            let is_known = |key: &PackageKey| {
                // They are in order.
                let is_among = |known: &Vec<PackageKey>| known.binary_search(key).is_ok();
                known.is_none_or(|known| known.is_some_and(is_among))
            };
            let chosen: Vec<_> = packages
                .iter()
                .map(|key| (key, due.pause(&PauseKey::Package(key.clone()))))
                .filter(|(key, (retrying, open))| {
                    *open && (slot || feed_retrying || *retrying || !is_known(key))
                })
                .map(|(key, (retrying, _))| Wanted::new(key, retrying, list))
                .collect();
            messages.extend(requests(
                feed,
                &chosen,
                feed_retrying,
                "schedule",
                origin,
                due.now,
            ));
        }
        messages
    }
}

/// By what name a feed has its slot.
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

/// How many packages a message asks for.
fn packages_of(message: &Message) -> usize {
    match &message.event {
        Event::FeedCheckRequested(check) => check.packages.len(),
        _ => 0,
    }
}
