//! Simulation of a trigger over the stored snapshots: the releases that it would have created.
//!
//! The current snapshots record when each version was first seen, and thereby which versions were known at an
//! earlier time. The simulation decides at each time at which a version arrived, first against the channel's
//! release of that time, then against the simulated releases.
//!
//! Snapshots do not record everything. A version that is no longer listed is ignored. Only the last push of a tag
//! is recorded: before it, the tag has the digest of the previous release. Labels are known only of versions that an
//! evaluation needed them of. The process and the channel's rules are
//! the current ones.

use std::collections::{BTreeMap, BTreeSet};

use crate::decide::{
    Answers, Decision, PackageSnapshot, PreviousRelease, Reason, Situation, decide_with,
};
use crate::ids::{PackageKey, ReleaseId};
use crate::plan::{Plan, SelectedDigest};
use crate::snapshot::{Seen, Snapshot};
use crate::time::Timestamp;

/// The maximum number of decisions of a simulation. Months of a busy feed need some hundred.
pub const MAX_DECISIONS: usize = 10_000;

/// The digest of a tag before its last push, if it is unknown.
const EARLIER_DIGEST: &str = "an earlier digest";

/// The result of a simulation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Simulation {
    /// The releases, oldest first.
    pub releases: Vec<SimulatedRelease>,
    /// The decisions to wait or refuse, and those whose condition is not met, oldest first, each at its first
    /// occurrence.
    pub blocked: Vec<Blocked>,
    /// The time up to which it was simulated. `None`: to the end, without reaching the maximum of decisions.
    pub cut_at: Option<Timestamp>,
}

/// A release that the trigger would have created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimulatedRelease {
    pub at: Timestamp,
    pub plan: Plan,
    pub reason: Reason,
}

/// A time at which a release was due but blocked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocked {
    pub at: Timestamp,
    pub decision: Decision,
}

/// Simulates the trigger from `since` to `present.now`. `present`: the current situation, except its releases
/// (`previous`, `ours`, `made`), which are those that the channel had at `since`. `answers`: the server's answers
/// to the questions of the current decision. `most`: the maximum number of decisions.
pub fn simulate(
    present: &Situation<'_>,
    answers: &Answers,
    since: Timestamp,
    most: usize,
) -> Simulation {
    let answers = answers.clone().for_simulation();
    let mut run = Run {
        present,
        answers: &answers,
        moments: arrivals(present.packages, since, present.now),
        previous: present.previous.cloned(),
        ours: present.ours.to_vec(),
        made: present.made.to_vec(),
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

/// The start, and every later time at which a version arrived.
fn arrivals(
    packages: &BTreeMap<PackageKey, PackageSnapshot>,
    since: Timestamp,
    until: Timestamp,
) -> BTreeSet<Timestamp> {
    let versions = packages
        .values()
        .flat_map(|package| package.snapshot.versions());
    let times = versions.flat_map(|(_, seen)| [Some(seen.first_seen), seen.pushed_again]);
    let times = times.flatten().filter(|at| (since..=until).contains(at));
    times.chain([since]).collect()
}

struct Run<'a> {
    present: &'a Situation<'a>,
    answers: &'a Answers,
    /// The times of the next decisions.
    moments: BTreeSet<Timestamp>,
    previous: Option<PreviousRelease>,
    /// The channel's releases of this program and the simulated ones, newest first.
    ours: Vec<PreviousRelease>,
    /// The times of the releases of feed triggers and of the simulated ones, newest first.
    made: Vec<Timestamp>,
    simulation: Simulation,
}

impl Run<'_> {
    fn decide_at(&mut self, at: Timestamp) {
        let packages = self.known_at(at);
        let situation = Situation {
            previous: self.previous.as_ref(),
            packages: &packages,
            ours: &self.ours,
            made: &self.made,
            now: at,
            ..*self.present
        };
        match decide_with(&situation, self.answers).decision {
            Decision::Create(plan, reason) => self.release(at, *plan, reason),
            Decision::Skip(reason) if !matches!(reason, Reason::ConditionNotMet { .. }) => {}
            blocked => {
                if let Decision::Wait(_, Some(until)) = &blocked
                    && (at..=self.present.now).contains(until)
                    && *until != at
                {
                    self.moments.insert(*until);
                }
                self.add_blocked(at, blocked);
            }
        }
    }

    /// Adds a release, and decides again at once.
    fn release(&mut self, at: Timestamp, plan: Plan, reason: Reason) {
        let releases = &mut self.simulation.releases;
        let version = plan.release_version.clone();
        let version = version.unwrap_or_else(|| format!("simulated {}", releases.len() + 1));
        let release = after(&plan, version, at, releases.len());
        self.ours.insert(0, release.clone());
        self.previous = Some(release);
        self.made.insert(0, at);
        self.moments.insert(at);
        releases.push(SimulatedRelease { at, plan, reason });
    }

    /// Adds a blocked time, unless the same kind of reason is the last one.
    fn add_blocked(&mut self, at: Timestamp, decision: Decision) {
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

    /// The packages at a time, by their current snapshots. A package without versions until then had not been
    /// read.
    fn known_at(&self, at: Timestamp) -> BTreeMap<PackageKey, PackageSnapshot> {
        let packages = self.present.packages.iter();
        let known = packages.map(|(key, package)| {
            let earlier = self.earlier_digest(key);
            let versions = package.snapshot.versions();
            let seen = versions.filter(|(_, seen)| seen.first_seen <= at);
            let seen = seen.map(|(version, seen)| (version.to_owned(), then(seen, at, &earlier)));
            let metadata = package.snapshot.metadata().clone();
            let snapshot = Snapshot::from_versions(seen).with_metadata(metadata);
            let feed = package.feed.clone();
            (key.clone(), PackageSnapshot { feed, snapshot })
        });
        known
            .filter(|(_, package)| !package.snapshot.is_empty())
            .collect()
    }

    /// The digest of a package in the previous release.
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

/// A version as known at a time: without a later push.
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

/// The channel's newest release after a plan was executed: a plan names every package of its release.
fn after(plan: &Plan, version: String, at: Timestamp, number: usize) -> PreviousRelease {
    let selected = plan.packages.iter().map(|package| {
        let (action, reference) = (&package.action_name, &package.package_reference);
        (action.clone(), reference.clone(), package.version.clone())
    });
    PreviousRelease {
        id: ReleaseId::new(format!("simulated {number} at {at}")),
        version,
        assembled: Some(at),
        selected: selected.collect(),
        digests: plan
            .packages
            .iter()
            .filter_map(SelectedDigest::of)
            .collect(),
        repeats: plan.repeats.clone(),
        replaced: Vec::new(),
        unidentified: Vec::new(),
    }
}
