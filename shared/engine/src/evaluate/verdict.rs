//! How an evaluation went, and when it is to be made again.

use domain::decide::{Decision, Finding};
use domain::history::{MadeRelease, Outcome};
use domain::plan::Plan;
use domain::time::{Span, Timestamp};

use super::claims::Finish;
use crate::ports::OctopusError;
use crate::with_causes;

/// How an evaluation went, before it is written down.
pub(super) struct Verdict {
    pub(super) outcome: Outcome,
    pub(super) reason: String,
    pub(super) release: Option<MadeRelease>,
    pub(super) findings: Vec<Finding>,
    /// Evaluate again then, and not only within the hour.
    pub(super) again: Again,
    /// What remains to be written once the evaluation is on record.
    pub(super) finish: Option<Finish>,
    /// A release may still be under way in the channel, so its lane is not given free.
    pub(super) keeps_channel_lock: bool,
    /// Nothing was made, for another release has the number. Decided again, the next one may be free.
    pub(super) is_outnumbered: bool,
}

/// Whether the trigger is to be evaluated again soon.
pub(super) enum Again {
    /// The hourly evaluation is enough.
    No,
    /// Something failed; back off, at least for the span that was asked for.
    AfterFailure(Option<Span>),
    /// At that time.
    At(Timestamp),
}

impl Verdict {
    pub(super) fn new(outcome: Outcome, reason: String, findings: Vec<Finding>) -> Self {
        Self {
            outcome,
            reason,
            release: None,
            findings,
            again: Again::No,
            finish: None,
            keeps_channel_lock: false,
            is_outnumbered: false,
        }
    }

    pub(super) fn of(decision: &Decision, findings: Vec<Finding>) -> Self {
        let outcome = match decision {
            Decision::Create(..) => Outcome::Created,
            Decision::Wait(..) => Outcome::Waiting,
            Decision::Skip(_) => Outcome::Skipped,
            Decision::Refuse(_) => Outcome::Refused,
        };
        let verdict = Self::new(outcome, decision.reason().to_string(), findings);
        match decision {
            Decision::Wait(_, Some(until)) => verdict.again(Again::At(*until)),
            _ => verdict,
        }
    }

    pub(super) fn observed(plan: &Plan, reason: &str, findings: Vec<Finding>) -> Self {
        let packages: Vec<_> = plan
            .packages
            .iter()
            .map(|one| format!("{} {}", one.package, one.version))
            .collect();
        let reason = format!(
            "would create a release with {}: {reason}",
            packages.join(", ")
        );
        Self::new(Outcome::Observed, reason, findings)
    }

    pub(super) fn failed(error: &OctopusError) -> Self {
        Self::new(Outcome::Failed, with_causes(error), Vec::new())
            .again(Again::AfterFailure(error.kind.retry_after()))
    }

    pub(super) fn waiting(reason: String, until: Timestamp, findings: Vec<Finding>) -> Self {
        Self::new(Outcome::Waiting, reason, findings).again(Again::At(until))
    }

    pub(super) fn again(self, again: Again) -> Self {
        Self { again, ..self }
    }
}
