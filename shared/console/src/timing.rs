//! The time from a push to the release.

use std::collections::BTreeMap;

use domain::history::{Evaluation, MadeRelease, Outcome};
use domain::ids::PackageKey;
use domain::snapshot::{Seen, Snapshot};
use domain::time::{Span, Timestamp};
use domain::trigger::Trigger;

/// A release with its duration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TimedRelease {
    pub(crate) version: String,
    /// The end of the evaluation that created it.
    pub(crate) at: Timestamp,
    /// The time since the push of its newest new version.
    pub(crate) took: Span,
}

/// The releases of a history whose pushes are in the current snapshots, oldest first. The time of a push is the
/// feed's date of the version, or else the time at which the version was first seen.
pub(crate) fn releases(
    history: &[Evaluation],
    trigger: &Trigger,
    snapshots: &BTreeMap<PackageKey, Snapshot>,
) -> Vec<TimedRelease> {
    let created = history
        .iter()
        .rev()
        .filter(|one| one.outcome == Outcome::Created);
    let timed = created.filter_map(|one| {
        let made = one.release.as_ref()?;
        let at = one.at + one.took;
        let pushed = pushed(one, trigger, snapshots)?;
        Some(TimedRelease {
            version: made.version.clone(),
            at,
            took: at.since(pushed),
        })
    });
    timed.collect()
}

/// The steps of a release, from the push of its newest new version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pipeline {
    pub(crate) package: String,
    pub(crate) version: String,
    /// `None` if the feed has no date of the version.
    pub(crate) pushed: Option<Timestamp>,
    pub(crate) seen: Timestamp,
    /// The start of the evaluation that created the release.
    pub(crate) decided: Timestamp,
    pub(crate) released: Timestamp,
    pub(crate) release: MadeRelease,
}

/// The steps of the latest release whose push is in the current snapshots. `history` is newest first.
pub(crate) fn pipeline(
    history: &[Evaluation],
    trigger: &Trigger,
    snapshots: &BTreeMap<PackageKey, Snapshot>,
) -> Option<Pipeline> {
    let mut created = history.iter().filter(|one| one.outcome == Outcome::Created);
    created.find_map(|one| {
        let release = one.release.clone()?;
        let new = new_versions(one, trigger, snapshots);
        let (package, version, seen) = new.max_by_key(|(_, _, seen)| seen.dated())?;
        let is_before = seen.dated() <= one.at;
        is_before.then(|| Pipeline {
            package: package.to_owned(),
            version: version.to_owned(),
            pushed: seen.published.filter(|at| *at <= seen.first_seen),
            seen: seen.first_seen.min(one.at),
            decided: one.at,
            released: one.at + one.took,
            release,
        })
    })
}

/// The push time of the newest new version of a release.
fn pushed(
    evaluation: &Evaluation,
    trigger: &Trigger,
    snapshots: &BTreeMap<PackageKey, Snapshot>,
) -> Option<Timestamp> {
    let new = new_versions(evaluation, trigger, snapshots);
    let dates = new.map(|(_, _, seen)| seen.dated());
    // Only the last push of a tag is known, which may be later than the release.
    dates.max().filter(|at| *at <= evaluation.at)
}

/// The packages whose version is new in a release, with the version.
fn new_versions<'a>(
    evaluation: &'a Evaluation,
    trigger: &'a Trigger,
    snapshots: &'a BTreeMap<PackageKey, Snapshot>,
) -> impl Iterator<Item = (&'a str, &'a str, &'a Seen)> {
    evaluation.findings.iter().filter_map(|finding| {
        let latest = finding.latest.as_deref()?;
        let mut sources = trigger.sources.iter();
        let source = sources.find(|source| source.reference == finding.reference)?;
        let package = &source.resolution.as_ref().ok()?.package;
        let seen = snapshots.get(package)?.get(latest)?;
        let is_new = finding.previous.as_deref() != Some(latest);
        is_new.then_some((package.package.as_str(), latest, seen))
    })
}

/// The median duration; the lower of the two middle values of an even number.
pub(crate) fn median(releases: &[TimedRelease]) -> Option<Span> {
    let mut spans: Vec<_> = releases.iter().map(|release| release.took).collect();
    spans.sort_unstable();
    spans.get(spans.len().checked_sub(1)? / 2).copied()
}

#[cfg(test)]
mod tests;
