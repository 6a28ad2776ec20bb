//! The time from a push to the release.

use std::collections::BTreeMap;

use domain::history::{Evaluation, Outcome};
use domain::ids::PackageKey;
use domain::snapshot::Snapshot;
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

/// The push time of the newest new version of a release.
fn pushed(
    evaluation: &Evaluation,
    trigger: &Trigger,
    snapshots: &BTreeMap<PackageKey, Snapshot>,
) -> Option<Timestamp> {
    let is_new = |latest: &str, previous: Option<&str>| previous != Some(latest);
    let findings = evaluation.findings.iter();
    let dates = findings.filter_map(|finding| {
        let latest = finding.latest.as_deref()?;
        let mut sources = trigger.sources.iter();
        let source = sources.find(|source| source.reference == finding.reference)?;
        let package = &source.resolution.as_ref().ok()?.package;
        let seen = snapshots.get(package)?.get(latest)?;
        is_new(latest, finding.previous.as_deref()).then(|| seen.dated())
    });
    // Only the last push of a tag is known, which may be later than the release.
    dates.max().filter(|at| *at <= evaluation.at)
}

/// The median duration; the lower of the two middle values of an even number.
pub(crate) fn median(releases: &[TimedRelease]) -> Option<Span> {
    let mut spans: Vec<_> = releases.iter().map(|release| release.took).collect();
    spans.sort_unstable();
    spans.get(spans.len().checked_sub(1)? / 2).copied()
}

#[cfg(test)]
mod tests;
