//! Charts in OCI registries whose versions contain `+`. A tag cannot contain `+`, so Helm writes `_`. Servers name such
//! a version in either way: the version is tried first, and after a refusal the tag.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use domain::plan::{Plan, PlannedPackage};
use engine::ports::{OctopusError, OctopusErrorKind};

/// Packages that are remembered. Beyond that, a refused version costs a request again.
const MOST_PACKAGES: usize = 10_000;

/// The charts that the server names by tag, until the process ends.
#[derive(Debug, Default)]
pub(crate) struct ChartTags(Mutex<BTreeSet<String>>);

impl ChartTags {
    /// Whether the server names one of the plan's charts by tag.
    pub(crate) fn are_used_for(&self, plan: &Plan) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        charts(plan).any(|chart| known.contains(&chart.package))
    }

    /// Remembers the plan's charts.
    pub(crate) fn use_for(&self, plan: &Plan) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() < MOST_PACKAGES {
            known.extend(charts(plan).map(|chart| chart.package.clone()));
        }
    }
}

/// Whether the server refused the request and its text quotes a chart's version with `+`.
pub(crate) fn refuses_a_chart_version(refused: &OctopusError, plan: &Plan) -> bool {
    let is_refusal = matches!(
        refused.kind,
        OctopusErrorKind::Invalid | OctopusErrorKind::NotFound
    );
    is_refusal && charts(plan).any(|chart| refused.message.contains(&chart.version))
}

/// The charts whose tags differ from their versions.
fn charts(plan: &Plan) -> impl Iterator<Item = &PlannedPackage> {
    plan.packages.iter().filter(|package| package.tag.is_some())
}
