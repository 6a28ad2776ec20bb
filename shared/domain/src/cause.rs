//! Why a feed is checked, and why a trigger is evaluated.

use std::fmt;

use crate::ids::PackageId;

/// Why packages of a feed are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckCause {
    /// The check is due.
    Schedule,
    /// A registry announced a push or a finished scan, or an evaluation waits for the labels of a version. Such a check does
    /// not wait behind those of the schedule.
    Push,
    /// A user asked for it.
    Requested,
}

/// Why a trigger is evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EvaluationCause {
    /// A watched package changed.
    PackageChanged {
        package: PackageId,
        feed_name: String,
    },
    /// A check of the feed failed.
    CheckFailed { feed_name: String },
    /// The trigger is new in the watch list, or was edited.
    TriggerChanged,
    /// The evaluation is due.
    Hourly,
    /// The last evaluation failed or waits.
    Retry,
    /// A user asked for it.
    Requested,
}

impl EvaluationCause {
    /// The name in messages and JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Self::PackageChanged { .. } => "PackageChanged",
            Self::CheckFailed { .. } => "CheckFailed",
            Self::TriggerChanged => "TriggerChanged",
            Self::Hourly => "Hourly",
            Self::Retry => "Retry",
            Self::Requested => "Requested",
        }
    }
}

impl fmt::Display for CheckCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Schedule => "schedule",
            Self::Push => "push",
            Self::Requested => "requested",
        })
    }
}

impl fmt::Display for EvaluationCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PackageChanged { package, feed_name } => {
                write!(f, "{package} changed in {feed_name}")
            }
            Self::CheckFailed { feed_name } => write!(f, "check of feed {feed_name}"),
            Self::TriggerChanged => f.write_str("new or changed"),
            Self::Hourly => f.write_str("hourly"),
            Self::Retry => f.write_str("retry"),
            Self::Requested => f.write_str("requested"),
        }
    }
}
