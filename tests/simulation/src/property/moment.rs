//! The judgement of single events when they happen: releases, announcements, rows, lists.

use domain::ids::{PackageKey, SpaceId};
use domain::ledger::Entry;
use domain::plan::{Plan, PlannedPackage};
use engine::messages::{Announcement, Event, Message};
use engine::schedule::ScheduleReport;
use store::{Key, Row};

use super::version_of;
use crate::invocation::Invocation;
use crate::octopus::{ReleaseState, TriggerState};
use crate::registry::{Number, SPACE, number};
use crate::time::START;
use crate::world::World;

impl World {
    /// Judges a release that is about to be made.
    pub(crate) fn judge_release(
        &self,
        invocation: &Invocation,
        project: usize,
        channel: usize,
        plan: &Plan,
        selected: &[(String, String, String)],
    ) {
        let truth = &self.truth;
        truth.releases.set(truth.releases.get() + 1);
        self.judge_trigger(invocation, plan);
        let projects = self.octopus.projects.borrow();
        let state = &projects[project].channels[channel];
        let packages = self.registry.packages.borrow();
        let by_version = plan.packages.iter().filter(|one| one.digest.is_none());
        for planned in by_version {
            let actions = &projects[project].actions;
            let package = actions
                .iter()
                .find(|action| action.name == planned.action_name);
            let was_latest = |number: Number| {
                let rules = state.permitted.iter().chain([&state.permits]);
                let package = package.map(|action| &packages[action.package]);
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
        let names = |one: &PlannedPackage| (one.action_name.clone(), one.version.clone());
        let made = (project, channel, plan.packages.iter().map(names).collect());
        if self.rolls_back.get() {
            return;
        }
        // A plan that names the release that it repeats is released again, if the channel's newest release lost its
        // packages: another trigger's release lets Octopus choose the versions of packages that it does not watch.
        let is_lost = |newest: &ReleaseState| {
            let is_selected = |planned: &PlannedPackage| {
                let mut selected = newest.release.selected.iter();
                selected.any(|one| one.0 == planned.action_name && one.2 == planned.version)
            };
            !plan.packages.iter().all(is_selected)
        };
        let is_return = plan.repeats.is_some() && state.releases.last().is_some_and(is_lost);
        if !truth.made.borrow_mut().insert(made) && !is_return {
            truth.doubled.set(truth.doubled.get() + 1);
            self.violated(|| format!("the same plan is released twice in {}", plan.channel));
        }
        // The channel lock does not stop a user who makes a release at the same time.
        let previous = state.releases.last();
        let previous =
            previous.filter(|one| one.key.is_some() || one.made_at < invocation.state.born);
        if let Some(previous) = previous {
            self.judge_step(plan, selected, previous);
        }
    }

    fn judge_trigger(&self, invocation: &Invocation, plan: &Plan) {
        let triggers = self.octopus.triggers.borrow();
        let asked = |one: &&TriggerState| plan.notes.contains(&format!("\"{}\"", one.name));
        let trigger = triggers.iter().find(asked);
        let was_off = |one: &TriggerState| !one.is_ours() && one.since < invocation.state.born;
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
        let actions = self.octopus.actions(&plan.project);
        let before = |name: &str| {
            let action = actions.iter().find(|action| action.name == name)?;
            version_of(previous, &action.slug)
        };
        let planned = plan.packages.iter();
        let mut steps = planned.map(|one| (number(&one.version), before(&one.action_name)));
        if let Some((to, from)) = steps.find(|(to, from)| to < from) {
            self.violated(|| {
                format!(
                    "a release in {} downgrades: {from:?} to {to:?}",
                    plan.channel
                )
            });
        }
        let moves = |one: &(String, String, String)| number(&one.2) > before(&one.0);
        if !selected.iter().any(moves) {
            self.truth.doubled.set(self.truth.doubled.get() + 1);
            self.violated(|| {
                format!(
                    "a release in {} moves no package forward: doubled",
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

    /// Judges a row that is written: the body that a snapshot's head names is there. If the row replaces another: a snapshot is overwritten only by an invocation that has read it, and a claim
    /// by another invocation only after its lease, or if its owner left it.
    pub(crate) fn judge_write(&self, before: Option<Row>, after: &Row) {
        let kind = after.key.partition.split('#').next().unwrap_or_default();
        let head = |row: &Row| wire::rows::head::decode(&row.body, row.revision).ok();
        if let ("snapshot", "head", Some(head)) = (kind, after.key.sort.as_str(), head(after)) {
            let body = Key {
                partition: after.key.partition.clone(),
                sort: format!("body#{}#0000", head.body),
            };
            if self.rows.get(&body).is_none() {
                self.violated(|| format!("a head names a body that is not stored: {body}"));
            }
        }
        let Some(before) = before else { return };
        let claim = |row: &Row| wire::rows::ledger::decode(&row.body).ok().flatten();
        match kind {
            "snapshot" if after.key.sort == "head" => {
                if let (Some(old), Some(new)) = (head(&before), head(after))
                    && new.body != old.body
                    && new.generation != old.generation + 1
                {
                    self.violated(|| format!("an unread snapshot is overwritten: {}", after.key));
                }
            }
            "lock" | "plan" => {
                if let Some(Entry::Claimed {
                    owner,
                    until,
                    unsettled: None,
                    ..
                }) = claim(&before)
                    && let Some(Entry::Claimed { owner: other, .. }) = claim(after)
                    && owner != other
                    && until > self.time.now()
                {
                    self.violated(|| {
                        format!(
                            "a claim is overwritten before its lease expires: {}",
                            after.key
                        )
                    });
                }
            }
            _ => {}
        }
    }

    pub(crate) fn generation(&self, package: &PackageKey) -> Option<u64> {
        let row = self.rows.get(&self.head_key(package))?;
        let head = wire::rows::head::decode(&row.body, row.revision).ok()?;
        Some(head.generation)
    }

    /// Judges the list of a scheduler run. Triggers may be missing only before any list was complete, and only from the
    /// list of an unfinished refresh: without a previous list the product uses the triggers that it has read, instead of
    /// no trigger at all. Every later refresh keeps what it has not read.
    pub(crate) fn judge_list(&self, report: &ScheduleReport, was_complete: bool) {
        let space = SpaceId::new(SPACE);
        let is_listed = |one: &TriggerState| report.list.trigger(&space, &one.id).is_some();
        let mut is_complete = true;
        for trigger in self.octopus.triggers.borrow().iter() {
            let was_ever_ours = trigger.is_ours() && trigger.since == START;
            if !was_ever_ours || is_listed(trigger) {
                continue;
            }
            is_complete = false;
            if was_complete || !report.is_unfinished {
                self.violated(|| format!("{} is not in the watch list", trigger.name));
            }
        }
        if is_complete {
            self.is_list_complete.set(true);
        }
    }
}
