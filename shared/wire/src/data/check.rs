//! The data of `FeedCheckRequested`, `TriggerEvaluationRequested` and `FeedCheckFailed`.

use domain::ids::{FeedId, PackageId, SpaceId, TriggerId};
use engine::messages::{CheckFailure, EvaluationRequest, FeedCheck, PackageChange};
use serde::{Deserialize, Serialize};

use super::cause::{CheckCauseData, EvaluationCauseData};
use super::truncation::clip;
use super::{FeedData, NameData, PackageData, PackageDetailsData, Truncation};
use crate::time::Time;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CheckData {
    feed: FeedData,
    packages: Vec<String>,
    retrying: Vec<String>,
    #[serde(flatten)]
    details: PackageDetailsData<NameData>,
    feed_retrying: bool,
    cause: CheckCauseData,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    superseded_at: Option<Time>,
}

impl From<&FeedCheck> for CheckData {
    fn from(check: &FeedCheck) -> Self {
        let texts = |ids: &[PackageId]| ids.iter().map(PackageId::to_string).collect();
        Self {
            feed: (&check.feed).into(),
            packages: texts(&check.packages),
            retrying: texts(&check.retrying),
            details: PackageDetailsData::of(&check.details),
            feed_retrying: check.feed_retrying,
            cause: check.cause.into(),
            superseded_at: check.superseded_at.map(Time),
        }
    }
}

impl From<CheckData> for FeedCheck {
    fn from(data: CheckData) -> Self {
        let ids = |texts: Vec<String>| texts.into_iter().map(PackageId::new).collect();
        Self {
            feed: data.feed.into(),
            packages: ids(data.packages),
            retrying: ids(data.retrying),
            details: data.details.into_details(),
            feed_retrying: data.feed_retrying,
            cause: data.cause.into(),
            superseded_at: data.superseded_at.map(|at| at.0),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EvaluationRequestData {
    space_id: String,
    trigger_id: String,
    #[serde(flatten)]
    cause: EvaluationCauseData,
    retrying: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    change: Option<PackageChangeData>,
}

#[derive(Serialize, Deserialize)]
struct PackageChangeData {
    package: PackageData,
    generation: u64,
}

impl From<&EvaluationRequest> for EvaluationRequestData {
    fn from(request: &EvaluationRequest) -> Self {
        Self {
            space_id: request.space.to_string(),
            trigger_id: request.trigger.to_string(),
            cause: (&request.cause).into(),
            retrying: request.retrying,
            change: request.change.as_ref().map(|change| PackageChangeData {
                package: (&change.package).into(),
                generation: change.generation,
            }),
        }
    }
}

impl From<EvaluationRequestData> for EvaluationRequest {
    fn from(data: EvaluationRequestData) -> Self {
        Self {
            space: SpaceId::new(data.space_id),
            trigger: TriggerId::new(data.trigger_id),
            cause: data.cause.into(),
            retrying: data.retrying,
            change: data.change.map(|change| PackageChange {
                package: change.package.into(),
                generation: change.generation,
            }),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FailureData {
    space_id: String,
    feed_id: String,
    feed_name: String,
    packages: Vec<String>,
    /// The total number; `packages` may be truncated.
    package_count: usize,
    kind: String,
    reason: String,
    failures: u32,
    retry_at: Time,
}

impl FailureData {
    pub(crate) fn new(failure: &CheckFailure, truncation: Truncation) -> Self {
        let packages = failure.packages.iter().take(truncation.packages);
        Self {
            space_id: failure.space.to_string(),
            feed_id: failure.feed.to_string(),
            feed_name: failure.feed_name.clone(),
            packages: packages.map(PackageId::to_string).collect(),
            package_count: failure.packages.len(),
            kind: failure.kind.clone(),
            reason: clip(&failure.reason),
            failures: failure.failures,
            retry_at: Time(failure.retry_at),
        }
    }
}

impl From<FailureData> for CheckFailure {
    fn from(data: FailureData) -> Self {
        Self {
            space: SpaceId::new(data.space_id),
            feed: FeedId::new(data.feed_id),
            feed_name: data.feed_name,
            packages: data.packages.into_iter().map(PackageId::new).collect(),
            kind: data.kind,
            reason: data.reason,
            failures: data.failures,
            retry_at: data.retry_at.0,
        }
    }
}
