//! The history of a trigger: its evaluations with their outcomes and reasons.

use crate::cause::EvaluationCause;
use crate::decide::Finding;
use crate::ids::{ReleaseId, SpaceId, TriggerId};
use crate::time::{Span, Timestamp};

/// One evaluation of one trigger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluation {
    pub trigger: TriggerId,
    pub trigger_name: String,
    pub space: SpaceId,
    pub project_name: String,
    /// When the evaluation began.
    pub at: Timestamp,
    pub took: Span,
    pub cause: EvaluationCause,
    pub outcome: Outcome,
    /// The reason of the outcome, for release managers.
    pub reason: String,
    /// The release that was created or found.
    pub release: Option<MadeRelease>,
    /// One finding per source.
    pub findings: Vec<Finding>,
}

/// A release that an evaluation created or found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeRelease {
    pub id: ReleaseId,
    /// The release number.
    pub version: String,
}

/// The last release of a trigger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastRelease {
    pub release: MadeRelease,
    /// When the evaluation began that created or found it.
    pub at: Timestamp,
}

/// The outcome of an evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// A release was created.
    Created,
    /// The planned release exists already.
    AlreadyReleased,
    /// A release was due, but this program only observes.
    Observed,
    /// A condition is not met yet.
    Waiting,
    /// No release was due.
    Skipped,
    /// The release is not possible or not permitted until a user changes something.
    Refused,
    /// The evaluation could not be completed; it is retried.
    Failed,
}

impl Outcome {
    /// The name in events, metrics and lists.
    pub fn name(self) -> &'static str {
        match self {
            Self::Created => "Created",
            Self::AlreadyReleased => "AlreadyReleased",
            Self::Observed => "Observed",
            Self::Waiting => "Waiting",
            Self::Skipped => "Skipped",
            Self::Refused => "Refused",
            Self::Failed => "Failed",
        }
    }
}

impl Evaluation {
    /// The release that it created or found.
    pub fn last_release(&self) -> Option<LastRelease> {
        let release = self.release.clone()?;
        Some(LastRelease {
            release,
            at: self.at,
        })
    }
}

impl Outcome {
    /// Whether the evaluation was completed, with any outcome.
    pub fn is_success(self) -> bool {
        self != Self::Failed
    }
}

/// The longest time between two completed evaluations of a trigger that is due once per interval: four intervals.
pub const fn patience(interval: Span) -> Span {
    Span::from_millis(interval.as_millis().saturating_mul(4))
}

/// When a trigger that is due once per interval counts as stalled. `last_success`: its last completed evaluation;
/// `since`: when it was first watched.
pub fn stalls_at(last_success: Option<Timestamp>, since: Timestamp, interval: Span) -> Timestamp {
    last_success.map_or(since, |at| at.max(since)) + patience(interval)
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcome_has_a_name_and_only_failed_is_no_success() {
        for (outcome, name) in [
            (Outcome::Created, "Created"),
            (Outcome::AlreadyReleased, "AlreadyReleased"),
            (Outcome::Observed, "Observed"),
            (Outcome::Waiting, "Waiting"),
            (Outcome::Skipped, "Skipped"),
            (Outcome::Refused, "Refused"),
            (Outcome::Failed, "Failed"),
        ] {
            assert_eq!(outcome.to_string(), name);
            assert_eq!(outcome.is_success(), name != "Failed", "{name}");
        }
    }

    #[test]
    fn trigger_stalls_four_intervals_after_its_last_success_or_start() {
        let at = |hours| Timestamp::from_millis(0) + Span::from_hours(hours);
        for (last_success, since, expected) in [
            (None, 10, 14),
            (Some(12), 10, 16),
            // It was removed and added again.
            (Some(3), 10, 14),
        ] {
            let stalls = stalls_at(last_success.map(at), at(since), Span::from_hours(1));
            assert_eq!(stalls, at(expected), "{last_success:?} {since}");
        }
    }
}
