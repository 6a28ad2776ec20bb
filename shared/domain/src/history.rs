//! The history of a trigger: its evaluations with their outcomes and reasons.

use std::collections::BTreeMap;

use crate::cause::EvaluationCause;
use crate::decide::Finding;
use crate::ids::{PackageKey, ReleaseId, SpaceId, TriggerId};
use crate::reason_code::{ReasonCode, ReasonDetails};
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
    /// The reason for programs.
    pub details: ReasonDetails,
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

/// The changes that a completed evaluation has considered. Another message about one of them needs no evaluation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenChanges {
    /// The id of the message that caused the evaluation. If that message is delivered again, its evaluation may have been
    /// interrupted after it was recorded, so it is repeated.
    pub message: String,
    /// When the evaluation began.
    pub at: Timestamp,
    /// The generation of each snapshot that the evaluation read.
    pub generations: BTreeMap<PackageKey, u64>,
}

impl SeenChanges {
    /// Whether the evaluation has considered the change that a message reports. A message that was sent later reports a later
    /// change, even with a lower generation: a snapshot that was deleted starts again at the first one.
    pub fn contains(
        &self,
        message: &str,
        sent: Timestamp,
        package: &PackageKey,
        generation: u64,
    ) -> bool {
        let seen = self.generations.get(package);
        self.message != message && sent <= self.at && seen.is_some_and(|seen| generation <= *seen)
    }
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
    /// Whether the trigger decided, with any outcome. A package that was not read yet prevents a decision.
    pub fn is_success(&self) -> bool {
        self.outcome.is_success() && !self.is_error() && !self.is_unread()
    }

    /// Whether the trigger waits for facts that were not read yet.
    fn is_unread(&self) -> bool {
        let code = self.details.code;
        matches!(
            code,
            ReasonCode::NotRead | ReasonCode::LabelsNotRead | ReasonCode::NotVerified
        )
    }

    /// Whether it waits for facts that are read again every few minutes, as `before` did at most `within` earlier, with
    /// the same reason and findings.
    pub fn repeats(&self, before: &Self, within: Span) -> bool {
        self.outcome == Outcome::Waiting
            && self.details.code.is_read_again()
            && before.outcome == self.outcome
            && before.details == self.details
            && before.reason == self.reason
            && before.findings == self.findings
            && !before.at.is_ahead_of(self.at)
            && self.at.since(before.at) < within
    }

    /// Whether the trigger cannot create a release until something is corrected.
    pub fn is_error(&self) -> bool {
        !self.outcome.is_success() || self.details.code.is_error()
    }

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

/// When a trigger that is due once per interval counts as stalled. `last_success`: its last successful evaluation;
/// `since`: when it was first watched; `failing_since`: the first failed check of a package that could not be read
/// since then.
pub fn stalls_at(
    last_success: Option<Timestamp>,
    since: Timestamp,
    failing_since: Option<Timestamp>,
    interval: Span,
) -> Timestamp {
    let last_success = last_success.map_or(since, |at| at.max(since));
    failing_since.map_or(last_success, |at| at.min(last_success)) + patience(interval)
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{FeedId, PackageId};

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
    fn change_is_seen_if_another_message_led_to_an_evaluation_of_its_generation() {
        let package = |name: &str| PackageKey {
            space: SpaceId::new("Spaces-1"),
            feed: FeedId::new("Feeds-1"),
            package: PackageId::new(name),
        };
        let at = |seconds| Timestamp::from_millis(0) + Span::from_seconds(seconds);
        let seen = SeenChanges {
            message: "m-1".to_owned(),
            at: at(10),
            generations: [(package("web"), 7)].into(),
        };
        for (message, sent, name, generation, expected) in [
            ("m-2", 10, "web", 7, true),
            ("m-2", 9, "web", 6, true),
            ("m-2", 10, "web", 8, false),
            ("m-2", 10, "api", 1, false),
            // The snapshot was deleted and read again.
            ("m-2", 11, "web", 1, false),
            // The evaluation may have been interrupted after it was recorded.
            ("m-1", 9, "web", 7, false),
        ] {
            let contains = seen.contains(message, at(sent), &package(name), generation);
            assert_eq!(contains, expected, "{message} {sent} {name} {generation}");
        }
    }

    #[test]
    fn trigger_stalls_four_intervals_after_its_last_success_or_start_or_first_failed_check() {
        let at = |hours| Timestamp::from_millis(0) + Span::from_hours(hours);
        for (last_success, since, failing_since, expected) in [
            (None, 10, None, 14),
            (Some(12), 10, None, 16),
            // It was removed and added again.
            (Some(3), 10, None, 14),
            // It is evaluated with an old listing of a package that cannot be read.
            (Some(20), 10, Some(15), 19),
            (Some(12), 10, Some(15), 16),
        ] {
            let failing = failing_since.map(at);
            let stalls = stalls_at(
                last_success.map(at),
                at(since),
                failing,
                Span::from_hours(1),
            );
            assert_eq!(
                stalls,
                at(expected),
                "{last_success:?} {since} {failing_since:?}"
            );
        }
    }
}
