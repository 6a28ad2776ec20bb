//! The output of a decision.

use std::fmt;

use super::finding::Finding;
use super::question::Question;
use super::reason::Reason;
use crate::metadata::UnreadMetadata;
use crate::plan::Plan;
use crate::time::Timestamp;

/// Whether a release is created, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Create this release.
    Create(Box<Plan>, Reason),
    /// A condition is not met yet. Decide again at the time, or with the next change.
    Wait(Reason, Option<Timestamp>),
    /// No release is due.
    Skip(Reason),
    /// The release is not possible or not permitted until a user changes something.
    Refuse(Reason),
}

/// A decision with the facts that led to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainedDecision {
    pub decision: Decision,
    /// One finding per source, in the trigger's order.
    pub findings: Vec<Finding>,
    /// Facts that only the server knows and that the decision depends on. Ask the server, then decide again
    /// with [`super::decide_with`].
    pub questions: Vec<Question>,
    /// The metadata that the decision waits for. Request it, and decide again when it is in the snapshots.
    pub unread: Vec<UnreadMetadata>,
    /// The names in the trigger's condition (`if`) with their values for the selected versions, which meet it. Empty: it is
    /// not met, no versions are selected, or there is no condition.
    pub condition: Vec<(String, String)>,
    /// After this release another one is due at once.
    pub more: bool,
}

impl Decision {
    pub fn reason(&self) -> &Reason {
        match self {
            Self::Create(_, reason)
            | Self::Wait(reason, _)
            | Self::Skip(reason)
            | Self::Refuse(reason) => reason,
        }
    }

    /// When to decide again. `None`: with the next change.
    pub(super) fn until(&self) -> Option<Timestamp> {
        match self {
            Self::Wait(_, until) => *until,
            Self::Create(..) | Self::Skip(_) | Self::Refuse(_) => None,
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = match self {
            Self::Create(..) => "create",
            Self::Wait(..) => "wait",
            Self::Skip(_) => "skip",
            Self::Refuse(_) => "refuse",
        };
        write!(f, "{verb}: {}", self.reason())
    }
}
