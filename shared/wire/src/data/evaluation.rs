//! An evaluation of a trigger: the data of `ReleaseCreated` and `ReleaseSkipped`, and of the history.

use std::collections::BTreeMap;

use domain::coded::Code as _;
use domain::decide::{Candidate, Finding};
use domain::history::{Evaluation, MadeRelease, Outcome};
use domain::ids::{ReleaseId, SpaceId, TriggerId};
use domain::reason_code::ReasonCode;
use domain::time::Span;
use domain::trigger::SourceRef;
use serde::{Deserialize, Serialize};

use super::Truncation;
use super::cause::EvaluationCauseData;
use super::coded::{ValuesData, code, coded, details, values};
use super::truncation::clip;
use crate::time::Time;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EvaluationData {
    trigger_id: String,
    trigger_name: String,
    space_id: String,
    project_name: String,
    evaluated_at: Time,
    duration_ms: i64,
    #[serde(flatten)]
    cause: EvaluationCauseData,
    outcome: OutcomeData,
    reason: String,
    /// Absent in messages of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason_code: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    reason_values: ValuesData,
    #[serde(skip_serializing_if = "Option::is_none")]
    release: Option<ReleaseData>,
    /// The total number; `findings` may be truncated.
    source_count: usize,
    findings: Vec<FindingData>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
enum OutcomeData {
    Created,
    AlreadyReleased,
    Observed,
    Waiting,
    Skipped,
    Refused,
    Failed,
}

#[derive(Serialize, Deserialize)]
struct ReleaseData {
    id: String,
    version: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FindingData {
    action_slug: String,
    package_reference: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    package: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latest: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    candidates: Vec<CandidateData>,
    /// The total number; `candidates` may be truncated.
    candidate_count: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    blocker: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    blocker_code: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CandidateData {
    version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
    /// Absent in messages of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refused_code: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    refused_values: ValuesData,
}

impl EvaluationData {
    pub(crate) fn new(evaluation: &Evaluation, truncation: Truncation) -> Self {
        let findings = evaluation.findings.iter().take(truncation.findings);
        Self {
            trigger_id: evaluation.trigger.to_string(),
            trigger_name: evaluation.trigger_name.clone(),
            space_id: evaluation.space.to_string(),
            project_name: evaluation.project_name.clone(),
            evaluated_at: Time(evaluation.at),
            duration_ms: evaluation.took.as_millis(),
            cause: (&evaluation.cause).into(),
            outcome: evaluation.outcome.into(),
            reason: clip(&evaluation.reason),
            reason_code: code(&evaluation.details),
            reason_values: values(&evaluation.details),
            release: evaluation.release.as_ref().map(|release| ReleaseData {
                id: release.id.to_string(),
                version: release.version.clone(),
            }),
            source_count: evaluation.findings.len(),
            findings: findings
                .map(|finding| FindingData::new(finding, truncation))
                .collect(),
        }
    }
}

impl FindingData {
    fn new(finding: &Finding, truncation: Truncation) -> Self {
        let candidates = finding.candidates.iter().take(truncation.candidates);
        Self {
            action_slug: finding.reference.action_slug.clone(),
            package_reference: finding.reference.package_reference.clone(),
            package: finding.package.clone(),
            previous: finding.previous.clone(),
            latest: finding.latest.clone(),
            digest: finding.digest.clone(),
            candidates: candidates.map(CandidateData::from).collect(),
            candidate_count: finding.considered,
            blocker: finding.blocker.as_deref().map(clip),
            blocker_code: finding.blocker_code.map(|code| code.name().to_owned()),
        }
    }
}

impl From<EvaluationData> for Evaluation {
    fn from(data: EvaluationData) -> Self {
        Self {
            trigger: TriggerId::new(data.trigger_id),
            trigger_name: data.trigger_name,
            space: SpaceId::new(data.space_id),
            project_name: data.project_name,
            at: data.evaluated_at.0,
            took: Span::from_millis(data.duration_ms),
            cause: data.cause.into(),
            outcome: data.outcome.into(),
            reason: data.reason,
            details: details(data.reason_code, data.reason_values),
            release: data.release.map(|release| MadeRelease {
                id: ReleaseId::new(release.id),
                version: release.version,
            }),
            findings: data.findings.into_iter().map(Finding::from).collect(),
        }
    }
}

impl From<FindingData> for Finding {
    fn from(data: FindingData) -> Self {
        Self {
            reference: SourceRef {
                action_slug: data.action_slug,
                package_reference: data.package_reference,
            },
            package: data.package,
            previous: data.previous,
            latest: data.latest,
            digest: data.digest,
            candidates: data.candidates.into_iter().map(Candidate::from).collect(),
            considered: data.candidate_count,
            blocker: data.blocker,
            blocker_code: data.blocker_code.as_deref().map(ReasonCode::from_name),
        }
    }
}

impl From<&Candidate> for CandidateData {
    fn from(candidate: &Candidate) -> Self {
        let refused = candidate.refused.as_ref();
        Self {
            version: candidate.version.clone(),
            refused: refused.map(|one| one.message.clone()),
            refused_code: refused.and_then(|one| code(&one.details)),
            refused_values: refused.map(|one| values(&one.details)).unwrap_or_default(),
        }
    }
}

impl From<CandidateData> for Candidate {
    fn from(data: CandidateData) -> Self {
        let (code, values) = (data.refused_code, data.refused_values);
        Self {
            version: data.version,
            refused: data.refused.map(|message| coded(message, code, values)),
        }
    }
}

impl From<Outcome> for OutcomeData {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Created => Self::Created,
            Outcome::AlreadyReleased => Self::AlreadyReleased,
            Outcome::Observed => Self::Observed,
            Outcome::Waiting => Self::Waiting,
            Outcome::Skipped => Self::Skipped,
            Outcome::Refused => Self::Refused,
            Outcome::Failed => Self::Failed,
        }
    }
}

impl From<OutcomeData> for Outcome {
    fn from(data: OutcomeData) -> Self {
        match data {
            OutcomeData::Created => Self::Created,
            OutcomeData::AlreadyReleased => Self::AlreadyReleased,
            OutcomeData::Observed => Self::Observed,
            OutcomeData::Waiting => Self::Waiting,
            OutcomeData::Skipped => Self::Skipped,
            OutcomeData::Refused => Self::Refused,
            OutcomeData::Failed => Self::Failed,
        }
    }
}
