//! Evaluations and findings as JSON.

use domain::decide::Finding;
use domain::history::Evaluation;
use serde_json::{Value, json};

use super::time::show_time;

pub(crate) fn evaluation_json(one: &Evaluation) -> Value {
    json!({
        "TriggerId": one.trigger.as_str(),
        "TriggerName": one.trigger_name,
        "SpaceId": one.space.as_str(),
        "ProjectName": one.project_name,
        "At": show_time(one.at),
        "TookMilliseconds": one.took.as_millis(),
        "Cause": one.cause.to_string(),
        "Outcome": one.outcome.name(),
        "Reason": one.reason,
        "ReleaseId": one.release.as_ref().map(|release| release.id.as_str()),
        "ReleaseVersion": one.release.as_ref().map(|release| release.version.as_str()),
        "Sources": one.findings.iter().map(finding_json).collect::<Vec<_>>(),
    })
}

pub(super) fn finding_json(finding: &Finding) -> Value {
    let candidates: Vec<_> = finding
        .candidates
        .iter()
        .map(|one| json!({ "Version": one.version, "Refused": one.refused }))
        .collect();
    json!({
        "Source": finding.reference.to_string(),
        "PackageId": finding.package,
        "Previous": finding.previous,
        "Latest": finding.latest,
        "Considered": finding.considered,
        "Blocker": finding.blocker,
        "Candidates": candidates,
    })
}
