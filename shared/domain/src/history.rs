//! The history: what became of each evaluation of a trigger, and why.

use crate::decide::Finding;
use crate::ids::{ReleaseId, SpaceId, TriggerId};
use crate::time::{Span, Timestamp};

/// One evaluation of one trigger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluation {
    /// The trigger.
    pub trigger: TriggerId,
    /// Its name.
    pub trigger_name: String,
    /// Its space.
    pub space: SpaceId,
    /// Its project's name.
    pub project_name: String,
    /// When it was evaluated.
    pub at: Timestamp,
    /// How long that took.
    pub took: Span,
    /// What led to it, in words: "acme/web changed", "hourly", "asked for".
    pub cause: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Why it ended so, for the trigger's owner.
    pub reason: String,
    /// The release that was made or found.
    pub release: Option<MadeRelease>,
    /// What was found for each source.
    pub findings: Vec<Finding>,
}

/// A release that an evaluation made, or found made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeRelease {
    /// Its id.
    pub id: ReleaseId,
    /// Its number.
    pub version: String,
}

/// The last release of a trigger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastRelease {
    /// The release.
    pub release: MadeRelease,
    /// When the evaluation began that made it, or found it made.
    pub at: Timestamp,
}

/// How an evaluation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// A release was created.
    Created,
    /// The release that was wanted exists already: nothing was created.
    AlreadyReleased,
    /// A release would have been created, but this program only observes.
    Observed,
    /// Something is missing that is expected to come.
    Waiting,
    /// Nothing was to be done.
    Skipped,
    /// What is asked for cannot or must not be done.
    Refused,
    /// The evaluation could not be carried out; it is tried again.
    Failed,
}

impl Outcome {
    /// The outcome's name, as events, metrics and lists show it.
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
    /// The release that it made or found, as the trigger's last one.
    pub fn last_release(&self) -> Option<LastRelease> {
        let release = self.release.clone()?;
        Some(LastRelease {
            release,
            at: self.at,
        })
    }
}

impl Outcome {
    /// Whether the evaluation was carried out, whatever came of it.
    pub fn is_success(self) -> bool {
        self != Self::Failed
    }
}

/// How long a trigger that should be evaluated once an interval may go without an evaluation that was carried
/// out: four times as long.
pub const fn patience(interval: Span) -> Span {
    Span::from_millis(interval.as_millis().saturating_mul(4))
}

/// From when on a trigger is stalled that should be evaluated once an interval: it was last evaluated with
/// success at `last_success`, and has been watched since `since`.
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
    fn every_outcome_has_its_name_and_only_a_failure_is_none() {
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
    fn a_trigger_stalls_four_intervals_after_its_last_success_or_its_beginning() {
        let at = |hours| Timestamp::from_millis(0) + Span::from_hours(hours);
        for (last_success, since, expected) in [
            (None, 10, 14),
            (Some(12), 10, 16),
            // It was taken out and came back.
            (Some(3), 10, 14),
        ] {
            let stalls = stalls_at(last_success.map(at), at(since), Span::from_hours(1));
            assert_eq!(stalls, at(expected), "{last_success:?} {since}");
        }
    }
}
