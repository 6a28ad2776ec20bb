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

    /// Forgets the plan's charts, because the server refused a tag.
    pub(crate) fn forget(&self, plan: &Plan) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|known| charts(plan).all(|chart| chart.package != *known));
    }
}

/// Whether the server refused the request and its text quotes a chart's version, or tag, as it was sent.
pub(crate) fn refuses_a_chart(refused: &OctopusError, plan: &Plan, by_tag: bool) -> bool {
    let is_refusal = matches!(
        refused.kind,
        OctopusErrorKind::Invalid | OctopusErrorKind::NotFound
    );
    let is_quoted = |chart: &PlannedPackage| {
        let sent = chart.tag.as_ref().filter(|_| by_tag);
        refused.message.contains(sent.unwrap_or(&chart.version))
    };
    is_refusal && charts(plan).any(is_quoted)
}

/// The charts whose tags differ from their versions.
fn charts(plan: &Plan) -> impl Iterator<Item = &PlannedPackage> {
    plan.packages.iter().filter(|package| package.tag.is_some())
}

#[cfg(test)]
mod tests {
    use domain::ids::{ChannelId, ProjectId, SpaceId};

    use super::*;

    fn plan() -> Plan {
        let chart = PlannedPackage {
            action_name: "Deploy".to_owned(),
            package_reference: String::new(),
            package: "acme/site".to_owned(),
            version: "1.2.0+7".to_owned(),
            tag: Some("1.2.0_7".to_owned()),
            previous: None,
            digest: None,
        };
        Plan {
            space: SpaceId::new("Spaces-1"),
            project: ProjectId::new("Projects-1"),
            channel: ChannelId::new("Channels-1"),
            repeats: None,
            packages: vec![chart],
            release_version: None,
            git_ref: None,
            notes: String::new(),
            custom_fields: std::collections::BTreeMap::new(),
        }
    }

    #[test]
    fn refusal_quotes_what_was_sent() {
        let refused = |kind, text: &str| OctopusError {
            kind,
            message: text.to_owned(),
            source: None,
        };
        for (text, by_tag, expected) in [
            ("no version 1.2.0+7", false, true),
            ("no version 1.2.0+7", true, false),
            ("no version 1.2.0_7", true, true),
            ("no permission", false, false),
        ] {
            let error = refused(OctopusErrorKind::Invalid, text);
            assert_eq!(refuses_a_chart(&error, &plan(), by_tag), expected, "{text}");
        }
        let unclear = refused(OctopusErrorKind::Unknown, "no version 1.2.0+7");
        assert!(!refuses_a_chart(&unclear, &plan(), false));
    }

    #[test]
    fn refused_tag_is_forgotten() {
        let tags = ChartTags::default();
        assert!(!tags.are_used_for(&plan()));
        tags.use_for(&plan());
        assert!(tags.are_used_for(&plan()));
        tags.forget(&plan());
        assert!(!tags.are_used_for(&plan()));
    }
}
