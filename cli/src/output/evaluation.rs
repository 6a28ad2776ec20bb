//! Evaluations and findings as JSON.

use domain::cause::EvaluationCause;
use domain::coded::Code as _;
use domain::decide::Finding;
use domain::history::Evaluation;
use domain::trigger::SourceRef;
use serde_json::{Value, json};

use super::reason::{coded_json, reason_json};
use super::time::show_time;

pub(crate) fn evaluation_json(one: &Evaluation) -> Value {
    json!({
        "TriggerId": one.trigger.as_str(),
        "TriggerName": one.trigger_name,
        "SpaceId": one.space.as_str(),
        "ProjectName": one.project_name,
        "At": show_time(one.at),
        "TookMilliseconds": one.took.as_millis(),
        "Cause": cause_json(&one.cause),
        "Outcome": one.outcome.name(),
        "Reason": reason_json(&one.reason, &one.details),
        "ReleaseId": one.release.as_ref().map(|release| release.id.as_str()),
        "ReleaseVersion": one.release.as_ref().map(|release| release.version.as_str()),
        "Sources": one.findings.iter().map(finding_json).collect::<Vec<_>>(),
    })
}

fn cause_json(cause: &EvaluationCause) -> Value {
    let (package, feed) = match cause {
        EvaluationCause::PackageChanged { package, feed_name } => (Some(package), Some(feed_name)),
        EvaluationCause::CheckFailed { feed_name } => (None, Some(feed_name)),
        EvaluationCause::TriggerChanged
        | EvaluationCause::Hourly
        | EvaluationCause::Retry
        | EvaluationCause::Requested => (None, None),
    };
    json!({
        "Name": cause.name(),
        "PackageId": package.map(domain::ids::PackageId::as_str),
        "FeedName": feed,
    })
}

pub(super) fn finding_json(finding: &Finding) -> Value {
    let candidates: Vec<_> = finding
        .candidates
        .iter()
        .map(
            |one| json!({ "Version": one.version, "Refused": one.refused.clone().map(coded_json) }),
        )
        .collect();
    let blocker = finding.blocker.as_ref().map(|message| {
        let code = finding.blocker_code.unwrap_or_default();
        json!({ "Code": code.name(), "IsError": code.is_error(), "Message": message })
    });
    json!({
        "Source": reference_json(&finding.reference),
        "PackageId": finding.package,
        "Previous": finding.previous,
        "Latest": finding.latest,
        "Digest": finding.digest,
        "Considered": finding.considered,
        "Blocker": blocker,
        "Candidates": candidates,
    })
}

fn reference_json(reference: &SourceRef) -> Value {
    json!({
        "ActionSlug": reference.action_slug,
        "PackageReference": reference.package_reference,
    })
}
