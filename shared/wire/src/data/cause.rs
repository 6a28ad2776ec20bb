//! The causes of checks and evaluations.

use domain::cause::{CheckCause, EvaluationCause};
use domain::ids::PackageId;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) enum CheckCauseData {
    Schedule,
    Push,
    Requested,
}

/// Flattened into an evaluation: `cause`, and what the cause names.
#[derive(Serialize, Deserialize)]
#[serde(tag = "cause", rename_all_fields = "camelCase")]
pub(super) enum EvaluationCauseData {
    PackageChanged {
        changed_package: String,
        feed_name: String,
    },
    CheckFailed {
        feed_name: String,
    },
    TriggerChanged,
    Hourly,
    Retry,
    Requested,
}

impl From<CheckCause> for CheckCauseData {
    fn from(cause: CheckCause) -> Self {
        match cause {
            CheckCause::Schedule => Self::Schedule,
            CheckCause::Push => Self::Push,
            CheckCause::Requested => Self::Requested,
        }
    }
}

impl From<CheckCauseData> for CheckCause {
    fn from(data: CheckCauseData) -> Self {
        match data {
            CheckCauseData::Schedule => Self::Schedule,
            CheckCauseData::Push => Self::Push,
            CheckCauseData::Requested => Self::Requested,
        }
    }
}

impl From<&EvaluationCause> for EvaluationCauseData {
    fn from(cause: &EvaluationCause) -> Self {
        match cause {
            EvaluationCause::PackageChanged { package, feed_name } => Self::PackageChanged {
                changed_package: package.to_string(),
                feed_name: feed_name.clone(),
            },
            EvaluationCause::CheckFailed { feed_name } => Self::CheckFailed {
                feed_name: feed_name.clone(),
            },
            EvaluationCause::TriggerChanged => Self::TriggerChanged,
            EvaluationCause::Hourly => Self::Hourly,
            EvaluationCause::Retry => Self::Retry,
            EvaluationCause::Requested => Self::Requested,
        }
    }
}

impl From<EvaluationCauseData> for EvaluationCause {
    fn from(data: EvaluationCauseData) -> Self {
        match data {
            EvaluationCauseData::PackageChanged {
                changed_package,
                feed_name,
            } => Self::PackageChanged {
                package: PackageId::new(changed_package),
                feed_name,
            },
            EvaluationCauseData::CheckFailed { feed_name } => Self::CheckFailed { feed_name },
            EvaluationCauseData::TriggerChanged => Self::TriggerChanged,
            EvaluationCauseData::Hourly => Self::Hourly,
            EvaluationCauseData::Retry => Self::Retry,
            EvaluationCauseData::Requested => Self::Requested,
        }
    }
}
