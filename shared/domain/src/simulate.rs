//! A trigger, simulated over what is remembered: the releases that it would have made.
//!
//! What was known at an earlier time is told by the present snapshots: the versions that had been seen by
//! then. The times at which something arrived are gone through in order, and at each the trigger is
//! decided on as it would have been, against the channel's newest release at the beginning and, from then
//! on, against the simulated ones.
//!
//! What snapshots do not tell stays unknown. A version that is gone was never there. Of a tag that was
//! pushed again only the last push is remembered: before it, it is taken for what the previous release
//! had. The process and the channel's rules are the present ones throughout.

use std::collections::{BTreeMap, BTreeSet};

use crate::decide::{
    Answers, Decision, PackageSnapshot, PreviousRelease, Reason, Situation, decide_with,
};
use crate::ids::{PackageKey, ReleaseId};
use crate::plan::{Plan, SelectedDigest};
use crate::snapshot::{Seen, Snapshot};
use crate::time::Timestamp;

/// Enough decisions for a simulation. Months of a busy feed come to some hundred.
pub const MOST_DECISIONS: usize = 10_000;

/// The digest of a tag before its last push, where nothing tells it.
const EARLIER_DIGEST: &str = "an earlier digest";

/// What a simulation came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Simulation {
    /// The releases, oldest first.
    pub releases: Vec<SimulatedRelease>,
    /// What else became of decisions, oldest first: waiting and refusals, each where it began.
    pub blocked: Vec<Blocked>,
    /// It would have gone on, but for the most decisions; then the time up to which it went.
    pub cut_at: Option<Timestamp>,
}

/// A release that would have been made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimulatedRelease {
    /// When.
    pub at: Timestamp,
    /// Of what.
    pub plan: Plan,
    /// Why.
    pub reason: Reason,
}

/// A time at which no release was made, although something was new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocked {
    /// Since when.
    pub at: Timestamp,
    /// The decision.
    pub decision: Decision,
}

/// Simulates the trigger of `present` from `since` to its present. `present` is the situation as it would be
/// decided on now, but for its previous release, which is the channel's newest one of that time; `answers`
/// are the server's to the questions that the present raises; after `most` decisions it is cut.
pub fn simulate(
    present: &Situation<'_>,
    answers: &Answers,
    since: Timestamp,
    most: usize,
) -> Simulation {
    let mut run = Run {
        present,
        answers,
        moments: arrivals(present.packages, since, present.now),
        previous: present.previous.cloned(),
        made: Vec::new(),
        simulation: Simulation::default(),
    };
    let mut decisions = 0;
    while let Some(at) = run.moments.pop_first() {
        if decisions == most {
            run.simulation.cut_at = Some(at);
            break;
        }
        decisions += 1;
        run.decide_at(at);
    }
    run.simulation
}

/// The beginning, and every time at which something arrived since.
fn arrivals(
    packages: &BTreeMap<PackageKey, PackageSnapshot>,
    since: Timestamp,
    until: Timestamp,
) -> BTreeSet<Timestamp> {
    let versions = packages.values().flat_map(|held| held.snapshot.versions());
    let times = versions.flat_map(|(_, seen)| [Some(seen.first_seen), seen.pushed_again]);
    let times = times.flatten().filter(|at| (since..=until).contains(at));
    times.chain([since]).collect()
}

struct Run<'a> {
    present: &'a Situation<'a>,
    answers: &'a Answers,
    /// When there is something to decide.
    moments: BTreeSet<Timestamp>,
    previous: Option<PreviousRelease>,
    /// When simulated releases were made, newest first.
    made: Vec<Timestamp>,
    simulation: Simulation,
}

impl Run<'_> {
    fn decide_at(&mut self, at: Timestamp) {
        let packages = self.known_at(at);
        let situation = Situation {
            previous: self.previous.as_ref(),
            packages: &packages,
            made: &self.made,
            now: at,
            ..*self.present
        };
        match decide_with(&situation, self.answers).decision {
            Decision::Create(plan, reason) => self.release(at, *plan, reason),
            Decision::Skip(_) => {}
            held => {
                if let Decision::Wait(_, Some(until)) = &held
                    && (at..=self.present.now).contains(until)
                    && *until != at
                {
                    self.moments.insert(*until);
                }
                self.hold_back(at, held);
            }
        }
    }

    /// Notes a release, and that there may be another one at once.
    fn release(&mut self, at: Timestamp, plan: Plan, reason: Reason) {
        let releases = &mut self.simulation.releases;
        if releases
            .last()
            .is_some_and(|last| last.plan.key() == plan.key())
        {
            // It is there already: to make it again would never end.
            return;
        }
        let version = plan.release_version.clone();
        let version = version.unwrap_or_else(|| format!("simulated {}", releases.len() + 1));
        self.previous = Some(after(&plan, version, at));
        self.made.insert(0, at);
        self.moments.insert(at);
        releases.push(SimulatedRelease { at, plan, reason });
    }

    /// Notes that nothing is made, unless that is known of the same kind of obstacle already.
    fn hold_back(&mut self, at: Timestamp, decision: Decision) {
        let last_release = self.simulation.releases.last().map(|release| release.at);
        let is_known = self.simulation.blocked.last().is_some_and(|last| {
            let (one, other) = (last.decision.reason(), decision.reason());
            let is_same = std::mem::discriminant(one) == std::mem::discriminant(other);
            is_same && last_release.is_none_or(|release| last.at >= release)
        });
        if !is_known {
            self.simulation.blocked.push(Blocked { at, decision });
        }
    }

    /// What each package held at a time, as far as its present snapshot tells. One of which nothing had been
    /// seen yet had not been read.
    fn known_at(&self, at: Timestamp) -> BTreeMap<PackageKey, PackageSnapshot> {
        let packages = self.present.packages.iter();
        let known = packages.map(|(key, held)| {
            let earlier = self.earlier_digest(key);
            let versions = held.snapshot.versions();
            let seen = versions.filter(|(_, seen)| seen.first_seen <= at);
            let seen = seen.map(|(version, seen)| (version.to_owned(), then(seen, at, &earlier)));
            let snapshot = Snapshot::from_versions(seen);
            let feed = held.feed.clone();
            (key.clone(), PackageSnapshot { feed, snapshot })
        });
        known
            .filter(|(_, held)| !held.snapshot.is_empty())
            .collect()
    }

    /// The digest that the previous release has of a package.
    fn earlier_digest(&self, key: &PackageKey) -> String {
        let entries = self.present.template.packages.iter();
        let mut entries =
            entries.filter(|entry| entry.feed == key.feed && entry.package == key.package);
        let digests = || self.previous.iter().flat_map(|release| &release.digests);
        let known = entries.find_map(|entry| {
            digests().find(|one| entry.is(&one.action_name, &one.package_reference))
        });
        known.map_or_else(|| EARLIER_DIGEST.to_owned(), |one| one.digest.clone())
    }
}

/// What was known of a version at a time: not yet that it would be pushed again.
fn then(seen: &Seen, at: Timestamp, earlier: &str) -> Seen {
    match seen.pushed_again {
        Some(again) if again > at => Seen {
            digest: seen.digest.as_ref().map(|_| earlier.to_owned()),
            pushed_again: None,
            ..seen.clone()
        },
        _ => seen.clone(),
    }
}

/// The channel's newest release after a plan was carried out: a plan names every package of its release.
fn after(plan: &Plan, version: String, at: Timestamp) -> PreviousRelease {
    let selected = plan.packages.iter().map(|package| {
        let (action, reference) = (&package.action_name, &package.package_reference);
        (action.clone(), reference.clone(), package.version.clone())
    });
    PreviousRelease {
        id: ReleaseId::new(format!("simulated at {at}")),
        version,
        assembled: Some(at),
        selected: selected.collect(),
        digests: plan
            .packages
            .iter()
            .filter_map(SelectedDigest::of)
            .collect(),
    }
}
