//! The outcome of an evaluation, and the time of the next one.

use std::collections::BTreeMap;

use domain::decide::{Decision, Finding, Reason};
use domain::history::{MadeRelease, Outcome};
use domain::ids::PackageKey;
use domain::plan::{Plan, PlanKey};
use domain::reason_code::{ReasonCode, ReasonDetails};
use domain::time::{Span, Timestamp};

use super::lease::Finish;
use crate::ports::OctopusError;
use crate::with_causes;

/// The outcome of an evaluation before it is recorded.
pub(super) struct Verdict {
    pub(super) outcome: Outcome,
    pub(super) reason: String,
    pub(super) details: ReasonDetails,
    pub(super) release: Option<MadeRelease>,
    pub(super) findings: Vec<Finding>,
    /// The time of the next evaluation.
    pub(super) again: Again,
    /// The writes that follow after the evaluation was recorded.
    pub(super) finish: Option<Finish>,
    /// Octopus may still be creating a release in the channel, so the lock must stay.
    pub(super) keeps_channel_lock: bool,
    /// The number of the plan, if no release was created because another one has it. Another plan may have a free
    /// number.
    pub(super) taken_number: Option<String>,
    /// The generations of the snapshots that a completed decision is based on. Empty if it must be repeated.
    pub(super) generations: BTreeMap<PackageKey, u64>,
}

/// When the trigger is evaluated again.
pub(super) enum Again {
    /// Within the hour, as every trigger.
    No,
    /// After a back-off, or after the `Retry-After` of Octopus if that is longer.
    AfterFailure(Option<Span>),
    /// At that time.
    At(Timestamp),
}

/// The plan of the channel's newest release.
pub(super) enum Unfinished {
    /// There is none, or it is finished.
    None,
    /// Another evaluation is finishing it, or was interrupted before it could.
    InProgress,
    /// Its evaluation ended before it could record the release.
    Abandoned(PlanKey),
    /// Its evaluation was interrupted. The verdict finishes it.
    Interrupted(Box<Verdict>),
}

impl Verdict {
    pub(super) fn new(
        outcome: Outcome,
        reason: String,
        details: ReasonDetails,
        findings: Vec<Finding>,
    ) -> Self {
        Self {
            outcome,
            reason,
            details,
            release: None,
            findings,
            again: Again::No,
            finish: None,
            keeps_channel_lock: false,
            taken_number: None,
            generations: BTreeMap::new(),
        }
    }

    pub(super) fn of(decision: &Decision, findings: Vec<Finding>) -> Self {
        let outcome = match decision {
            Decision::Create(..) => Outcome::Created,
            Decision::Wait(..) => Outcome::Waiting,
            Decision::Skip(_) => Outcome::Skipped,
            Decision::Refuse(_) => Outcome::Refused,
        };
        let reason = decision.reason();
        let verdict = Self::new(outcome, reason.to_string(), reason.details(), findings);
        match decision {
            Decision::Skip(
                Reason::AlreadyReleased { release, version }
                | Reason::ReplacedByHand {
                    release, version, ..
                },
            ) => Self {
                outcome: Outcome::AlreadyReleased,
                release: Some(MadeRelease {
                    id: release.clone(),
                    version: version.clone(),
                }),
                ..verdict
            },
            Decision::Wait(_, Some(until)) => verdict.again(Again::At(*until)),
            _ => verdict,
        }
    }

    pub(super) fn observed(plan: &Plan, reason: &Reason, findings: Vec<Finding>) -> Self {
        let packages: Vec<_> = plan
            .packages
            .iter()
            .map(|one| format!("{} {}", one.package, one.version))
            .collect();
        let text = format!(
            "would create a release with {}: {reason}",
            packages.join(", ")
        );
        Self::new(Outcome::Observed, text, reason.details(), findings)
    }

    pub(super) fn failed(error: &OctopusError) -> Self {
        let details = ReasonDetails::of(ReasonCode::OctopusFailed);
        Self::new(Outcome::Failed, with_causes(error), details, Vec::new())
            .again(Again::AfterFailure(error.kind.retry_after()))
    }

    pub(super) fn waiting(
        reason: String,
        code: ReasonCode,
        until: Timestamp,
        findings: Vec<Finding>,
    ) -> Self {
        let details = ReasonDetails::of(code);
        Self::new(Outcome::Waiting, reason, details, findings).again(Again::At(until))
    }

    /// The verdict of a decision that is based on these generations. They count only if no other evaluation follows.
    pub(super) fn based_on(self, generations: BTreeMap<PackageKey, u64>) -> Self {
        let is_complete = match self.outcome {
            Outcome::Created
            | Outcome::AlreadyReleased
            | Outcome::Observed
            | Outcome::Skipped
            | Outcome::Refused => matches!(self.again, Again::No),
            Outcome::Waiting | Outcome::Failed => false,
        };
        match is_complete {
            true => Self {
                generations,
                ..self
            },
            false => self,
        }
    }

    pub(super) fn again(self, again: Again) -> Self {
        Self { again, ..self }
    }
}
