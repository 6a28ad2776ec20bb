//! How long it took from a push to the release of what was pushed.

use std::collections::BTreeMap;

use domain::history::{Evaluation, Outcome};
use domain::ids::PackageKey;
use domain::snapshot::Snapshot;
use domain::time::{Span, Timestamp};
use domain::trigger::Trigger;

/// A release, and how long it took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Release {
    /// Its number.
    pub(crate) version: String,
    /// When it was there.
    pub(crate) at: Timestamp,
    /// Since the push of the last of what is new in it.
    pub(crate) took: Span,
}

/// The releases of a history whose pushes the present snapshots still tell of, oldest first. A push counts
/// from the feed's own date; where the feed gives none, from when the version was first seen here.
pub(crate) fn releases(
    history: &[Evaluation],
    trigger: &Trigger,
    snapshots: &BTreeMap<PackageKey, Snapshot>,
) -> Vec<Release> {
    let created = history
        .iter()
        .rev()
        .filter(|one| one.outcome == Outcome::Created);
    let timed = created.filter_map(|one| {
        let made = one.release.as_ref()?;
        let at = one.at + one.took;
        let pushed = pushed(one, trigger, snapshots)?;
        Some(Release {
            version: made.version.clone(),
            at,
            took: at.since(pushed),
        })
    });
    timed.collect()
}

/// When the last of what is new in a release was pushed.
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
    // What was pushed again since tells only of its last push.
    dates.max().filter(|at| *at <= evaluation.at)
}

/// Half of the releases took no longer than this.
pub(crate) fn half(releases: &[Release]) -> Option<Span> {
    let mut spans: Vec<_> = releases.iter().map(|release| release.took).collect();
    spans.sort_unstable();
    spans.get(spans.len().checked_sub(1)? / 2).copied()
}

#[cfg(test)]
mod tests;
