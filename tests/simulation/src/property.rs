//! What must hold, whatever happens: releases are exactly the true changes that the triggers ask for.
//!
//! It is judged by what Octopus and the registries truly hold, with nothing of the program's own
//! decisions. A release that is made must take at least one package forward (else it is doubled) and none
//! back, name only versions that truly were the latest permitted ones, and be asked for by a trigger that
//! is ours. Once everything is settled, nothing is left that a trigger asks for (else it is lost),
//! every change of a snapshot was announced, every release is on record, nothing is owed, claimed or
//! paused, and the snapshots hold what the packages hold.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;

use domain::history::Outcome;
use domain::ids::{PackageKey, ReleaseId, SpaceId};
use domain::ledger::Entry;
use domain::plan::Plan;
use domain::trigger::WatchList;
use engine::messages::{Announcement, Event, Message};
use engine::ports::{Budgets, History, PauseKey, SnapshotReader, WatchLists};
use futures_util::FutureExt;
use store::{Row, Store};

use crate::hands::Hands;
use crate::octopus::{ChannelState, ReleaseState, TriggerState};
use crate::registry::{Number, SPACE, number};
use crate::table::Outside;
use crate::time::START;
use crate::world::World;

/// How many evaluations of a trigger are looked through for its releases.
const LOOK_BACK: usize = 10_000;

/// A place for releases, with what a plan selects there.
type Made = (usize, usize, Vec<(String, String)>);

/// What was seen of the truth so far.
#[derive(Default)]
pub(crate) struct Truth {
    pub(crate) violations: RefCell<Vec<String>>,
    pub(crate) releases: Cell<usize>,
    pub(crate) doubled: Cell<usize>,
    pub(crate) lost: Cell<usize>,
    made: RefCell<BTreeSet<Made>>,
    announced: RefCell<BTreeSet<(PackageKey, u64)>>,
    created: RefCell<BTreeSet<ReleaseId>>,
}

impl World {
    /// What must hold does not.
    pub(crate) fn violated(&self, what: impl FnOnce() -> String) {
        let what = what();
        self.tell(|| format!("VIOLATED: {what}"));
        self.truth.violations.borrow_mut().push(what);
    }

    pub(crate) fn is_violated(&self) -> bool {
        !self.truth.violations.borrow().is_empty()
    }

    /// Judges a release that is about to be made.
    pub(crate) fn judge_release(
        &self,
        hands: &Hands,
        project: usize,
        channel: usize,
        plan: &Plan,
        selected: &[(String, String, String)],
    ) {
        let truth = &self.truth;
        truth.releases.set(truth.releases.get() + 1);
        self.judge_trigger(hands, plan);
        let projects = self.octopus.projects.borrow();
        let state = &projects[project].channels[channel];
        let packages = self.registry.packages.borrow();
        for planned in &plan.packages {
            let actions = &projects[project].actions;
            let package = actions
                .iter()
                .find(|(name, _)| *name == planned.action_name);
            let was_latest = |number: Number| {
                let rules = state.permitted.iter().chain([&state.permits]);
                let package = package.map(|(_, package)| &packages[*package]);
                package.is_some_and(|package| {
                    rules
                        .into_iter()
                        .any(|permits| package.was_latest(*permits, number))
                })
            };
            if !number(&planned.version).is_some_and(was_latest) {
                self.violated(|| {
                    format!(
                        "{} {} never was the latest permitted version, and is released",
                        planned.package, planned.version
                    )
                });
            }
        }
        let names =
            |one: &domain::plan::PlannedPackage| (one.action_name.clone(), one.version.clone());
        let made = (project, channel, plan.packages.iter().map(names).collect());
        if !truth.made.borrow_mut().insert(made) {
            truth.doubled.set(truth.doubled.get() + 1);
            self.violated(|| format!("the same plan is released twice in {}", plan.channel));
        }
        // Somebody who makes a release at the same time is not held off by any lane.
        let previous = state.releases.last();
        let previous = previous.filter(|one| one.key.is_some() || one.made_at < hands.life.born);
        if let Some(previous) = previous {
            self.judge_step(plan, selected, previous);
        }
    }

    fn judge_trigger(&self, hands: &Hands, plan: &Plan) {
        let triggers = self.octopus.triggers.borrow();
        let asked = |one: &&TriggerState| plan.notes.contains(&format!("\"{}\"", one.name));
        let trigger = triggers.iter().find(asked);
        let was_off = |one: &TriggerState| !one.is_ours() && one.since < hands.life.born;
        if trigger.is_none_or(was_off) {
            self.violated(|| format!("a trigger that is not ours got a release: {}", plan.notes));
        }
    }

    /// From the channel's previous release to this one.
    fn judge_step(
        &self,
        plan: &Plan,
        selected: &[(String, String, String)],
        previous: &ReleaseState,
    ) {
        let before = |action: &str| version_of(previous, action);
        let planned = plan.packages.iter();
        let mut steps = planned.map(|one| (number(&one.version), before(&one.action_name)));
        if let Some((to, from)) = steps.find(|(to, from)| to < from) {
            self.violated(|| {
                format!(
                    "a release in {} goes back: {from:?} to {to:?}",
                    plan.channel
                )
            });
        }
        let moves = |one: &(String, String, String)| number(&one.2) > before(&one.0);
        if !selected.iter().any(moves) {
            self.truth.doubled.set(self.truth.doubled.get() + 1);
            self.violated(|| {
                format!(
                    "a release in {} takes no package forward: doubled",
                    plan.channel
                )
            });
        }
    }

    /// Judges a message that the bus has accepted.
    pub(crate) fn judge_message(&self, message: &Message) {
        match &message.event {
            Event::PackageVersionsChanged(announcement) => self.judge_announcement(announcement),
            Event::ReleaseCreated(evaluation) => {
                let release = evaluation.release.iter().map(|one| one.id.clone());
                self.truth.created.borrow_mut().extend(release);
            }
            _ => {}
        }
    }

    fn judge_announcement(&self, announcement: &Announcement) {
        let Announcement {
            package,
            generation,
            changes,
            ..
        } = announcement;
        let stored = self.generation(package).unwrap_or_default();
        if stored < *generation {
            self.violated(|| {
                format!("generation {generation} of {package} is announced and not stored")
            });
        }
        let packages = self.registry.packages.borrow();
        let truly = self.registry.find(&package.feed, &package.package);
        if let Some(truly) = truly.map(|index| &packages[index]) {
            let was_there = |version: &String| {
                truly.versions().contains_key(version) || truly.ever_missing.contains(version)
            };
            let was_missing = |version: &String| truly.ever_missing.contains(version);
            if !changes.added.iter().all(was_there) || !changes.removed.iter().all(was_missing) {
                self.violated(|| format!("what is announced of {package} never was so"));
            }
        }
        let announced = (package.clone(), *generation);
        self.truth.announced.borrow_mut().insert(announced);
    }

    /// Judges a row that takes the place of another: nobody's snapshot is written over by somebody who has
    /// not seen it, and nobody's claim by somebody else while it holds.
    pub(crate) fn judge_write(&self, before: Option<Row>, after: &Row) {
        let Some(before) = before else { return };
        let kind = after.key.partition.split('#').next().unwrap_or_default();
        let head = |row: &Row| wire::rows::head::decode(&row.body, row.revision).ok();
        let claim = |row: &Row| wire::rows::ledger::decode(&row.body).ok().flatten();
        match kind {
            "snapshot" if after.key.sort == "head" => {
                if let (Some(old), Some(new)) = (head(&before), head(after))
                    && new.body != old.body
                    && new.generation != old.generation + 1
                {
                    self.violated(|| {
                        format!("a snapshot that nobody read is written over: {}", after.key)
                    });
                }
            }
            "lane" | "plan" => {
                if let Some(Entry::Claimed { owner, until }) = claim(&before)
                    && let Some(Entry::Claimed { owner: other, .. }) = claim(after)
                    && owner != other
                    && until > self.time.now()
                {
                    self.violated(|| format!("a claim that holds is written over: {}", after.key));
                }
            }
            _ => {}
        }
    }

    fn generation(&self, package: &PackageKey) -> Option<u64> {
        let row = self.rows.get(&self.head_key(package))?;
        let head = wire::rows::head::decode(&row.body, row.revision).ok()?;
        Some(head.generation)
    }

    /// The list that a round used is never a smaller truth.
    pub(crate) fn judge_list(&self, list: &WatchList) {
        for trigger in self.octopus.triggers.borrow().iter() {
            let was_ever_ours = trigger.is_ours() && trigger.since == START;
            if was_ever_ours && list.trigger(&SpaceId::new(SPACE), &trigger.id).is_none() {
                self.violated(|| format!("{} is not in the watch list", trigger.name));
            }
        }
    }

    /// What the trigger asks for now and did not get.
    pub(crate) fn demand(&self, trigger: &TriggerState) -> Option<String> {
        if !trigger.is_ours() {
            return None;
        }
        let projects = self.octopus.projects.borrow();
        let project = &projects[trigger.project];
        let channel = &project.channels[trigger.channel];
        let packages = self.registry.packages.borrow();
        let previous = channel.releases.last();
        let (mut is_newer, mut selection) = (false, Vec::new());
        for action in &trigger.sources {
            let (name, package) = &project.actions[*action];
            let latest = packages[*package].latest(channel.permits)?;
            let before = previous.and_then(|release| version_of(release, name));
            match before {
                Some(before) if latest < before => return None,
                Some(before) if latest == before => {}
                _ => is_newer = true,
            }
            selection.push((name.clone(), crate::registry::text(latest)));
        }
        let asked = format!("{} asks for {selection:?} in {}", trigger.name, channel.id);
        selection.sort();
        let made = (trigger.project, trigger.channel, selection);
        // What was released once and deleted by somebody is not released again.
        (is_newer && !self.truth.made.borrow().contains(&made)).then_some(asked)
    }

    /// What all triggers ask for and did not get.
    pub(crate) fn demands(&self) -> Vec<String> {
        let triggers = self.octopus.triggers.borrow();
        triggers.iter().filter_map(|one| self.demand(one)).collect()
    }

    /// Why not everything is settled yet.
    pub(crate) fn unsettled(self: &Rc<Self>) -> Option<String> {
        if !self.is_idle() {
            return Some("messages are under way".to_owned());
        }
        if let Some(demand) = self.demands().into_iter().next() {
            return Some(demand);
        }
        self.unsettled_list()
            .or_else(|| self.unsettled_packages())
            .or_else(|| self.unsettled_ledger())
            .or_else(|| self.unsettled_pauses())
    }

    fn watched(&self) -> BTreeSet<usize> {
        let projects = self.octopus.projects.borrow();
        let triggers = self.octopus.triggers.borrow();
        let ours = triggers.iter().filter(|trigger| trigger.is_ours());
        let sources = ours.flat_map(|trigger| {
            let actions = &projects[trigger.project].actions;
            trigger.sources.iter().map(|action| actions[*action].1)
        });
        sources.collect()
    }

    /// Which trigger is not listed as it is: until the list is read anew, nobody watches for it.
    fn unsettled_list(self: &Rc<Self>) -> Option<String> {
        let store = Store::with_clock(Outside(Rc::clone(self)), Outside(Rc::clone(self)));
        let Some(Ok(Some(stored))) = store.watch_list().now_or_never() else {
            return Some("the watch list cannot be read".to_owned());
        };
        let space = SpaceId::new(SPACE);
        let is_listed = |trigger: &TriggerState| {
            let listed = stored.list.trigger(&space, &trigger.id);
            listed.is_some_and(|listed| listed.sources.len() == trigger.sources.len())
        };
        let triggers = self.octopus.triggers.borrow();
        let mut ours = triggers.iter().filter(|trigger| trigger.is_ours());
        let unlisted = ours.find(|trigger| !is_listed(trigger))?;
        Some(format!("{} is not listed as it is", unlisted.name))
    }

    /// Which snapshot does not hold what its package holds, or owes an announcement.
    pub(crate) fn unsettled_packages(self: &Rc<Self>) -> Option<String> {
        let store = Store::with_clock(Outside(Rc::clone(self)), Outside(Rc::clone(self)));
        for index in self.watched() {
            let key = self.registry.key(index);
            let Some(row) = self.rows.get(&self.head_key(&key)) else {
                return Some(format!("{key} was never read"));
            };
            let head = wire::rows::head::decode(&row.body, row.revision).ok()?;
            if head.owed.is_some() {
                return Some(format!("an announcement of {key} is owed"));
            }
            let snapshot = store.snapshot(&key).now_or_never();
            let Some(Ok(Some(snapshot))) = snapshot else {
                return Some(format!("the snapshot of {key} cannot be read"));
            };
            let seen: Vec<_> = snapshot
                .versions()
                .map(|(version, _)| version.to_owned())
                .collect();
            let packages = self.registry.packages.borrow();
            let truly: Vec<_> = packages[index].versions().keys().cloned().collect();
            if seen != truly {
                return Some(format!(
                    "the snapshot of {key} holds {seen:?}, the feed {truly:?}"
                ));
            }
        }
        None
    }

    fn unsettled_ledger(&self) -> Option<String> {
        for kind in ["lane#", "plan#"] {
            for row in self.rows.starting_with(kind) {
                let entry = wire::rows::ledger::decode(&row.body).ok()?;
                if let Some(Entry::Claimed { until, .. }) = entry
                    && until > self.time.now()
                {
                    return Some(format!("{} is claimed", row.key));
                }
            }
        }
        None
    }

    fn unsettled_pauses(self: &Rc<Self>) -> Option<String> {
        let store = Store::with_clock(Outside(Rc::clone(self)), Outside(Rc::clone(self)));
        let Some(Ok(restraints)) = store.restraints().now_or_never() else {
            return Some("the pauses cannot be read".to_owned());
        };
        let now = self.time.now();
        let mut budgets = restraints.budgets.iter();
        if let Some((key, _)) = budgets.find(|(_, state)| state.throttled_until(now).is_some()) {
            return Some(format!("{key} asked for a pause"));
        }
        let watched = self.watched();
        let is_watched = |key: &PauseKey| match key {
            PauseKey::Feed(_, feed) => watched
                .iter()
                .any(|package| self.registry.key(*package).feed == *feed),
            PauseKey::Package(key) => {
                let index = self.registry.find(&key.feed, &key.package);
                index.is_some_and(|index| watched.contains(&index))
            }
            PauseKey::Trigger(_, id) => {
                let triggers = self.octopus.triggers.borrow();
                triggers.iter().any(|one| one.id == *id && one.is_ours())
            }
        };
        let mut pauses = restraints.pauses.into_iter();
        let paused = pauses.find(|(key, _)| is_watched(key));
        paused.map(|(key, state)| format!("{key:?} is paused: {}", state.reason))
    }

    /// Everything has settled: what must be found now.
    pub(crate) fn judge_end(self: &Rc<Self>) {
        for index in self.watched() {
            let key = self.registry.key(index);
            let announced = self.truth.announced.borrow();
            let is_missing = |generation: &u64| !announced.contains(&(key.clone(), *generation));
            let last = self.generation(&key).unwrap_or_default();
            if let Some(missing) = (1..=last).find(is_missing) {
                self.violated(|| format!("generation {missing} of {key} was never announced"));
            }
        }
        let recorded = self.recorded();
        let projects = self.octopus.projects.borrow();
        let ours: BTreeSet<_> = self
            .octopus
            .triggers
            .borrow()
            .iter()
            .filter(|trigger| trigger.is_ours())
            .map(|trigger| (trigger.project, trigger.channel))
            .collect();
        let channels = ours
            .iter()
            .map(|(project, channel)| &projects[*project].channels[*channel]);
        for made in channels.flat_map(uncovered) {
            let id = &made.release.id;
            if !recorded.contains(id) {
                self.violated(|| format!("{id} is not on record"));
            } else if !self.truth.created.borrow().contains(id) {
                self.violated(|| format!("nobody was told of {id}"));
            }
        }
    }

    /// The releases in the triggers' histories.
    fn recorded(self: &Rc<Self>) -> BTreeSet<ReleaseId> {
        let store = Store::with_clock(Outside(Rc::clone(self)), Outside(Rc::clone(self)));
        let triggers = self.octopus.triggers.borrow();
        let evaluations = triggers.iter().flat_map(|trigger| {
            let space = SpaceId::new(SPACE);
            let recent = store.recent(&space, &trigger.id, LOOK_BACK).now_or_never();
            recent.and_then(Result::ok).unwrap_or_default()
        });
        evaluations
            .filter(|one| one.outcome == Outcome::Created)
            .filter_map(|one| Some(one.release?.id))
            .collect()
    }
}

/// The releases of a channel that this program made and can know of. What an interrupted evaluation has
/// made is found as the channel's newest release; somebody who makes one by hand before that covers it up.
fn uncovered(channel: &ChannelState) -> impl Iterator<Item = &ReleaseState> {
    let releases = channel.releases.iter().enumerate();
    let is_covered = |at: usize| {
        channel
            .releases
            .get(at + 1)
            .is_some_and(|next| next.key.is_none())
    };
    let known = releases.filter(move |(at, made)| made.key.is_some() && !is_covered(*at));
    known.map(|(_, made)| made)
}

fn version_of(release: &ReleaseState, action: &str) -> Option<Number> {
    let mut selected = release.release.selected.iter();
    number(&selected.find(|(name, ..)| name == action)?.2)
}
