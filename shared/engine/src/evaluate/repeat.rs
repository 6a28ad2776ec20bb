//! Compares a plan with the ledger: the same packages are released again only after a later release.

use domain::decide::{Answers, Decision, ExplainedDecision, Reason};
use domain::ids::ReleaseId;
use domain::ledger::Entry;
use domain::plan::{Plan, Repeat};
use domain::trigger::Trigger;

use super::Evaluate;
use super::situation::{Gathered, answers};
use crate::StepError;
use crate::ports::{Ledger, LedgerId, OctopusError, OctopusReader, Release};

/// Number of the channel's releases that are searched for the release of a finished plan.
const SEARCHED: usize = 500;

/// A plan compared with the ledger.
enum Compared {
    /// The plan as it is to be claimed.
    Due(Plan),
    /// The release that makes it a repetition of a finished plan.
    Finished(Reason),
}

impl<S: Ledger, O: OctopusReader, B, C> Evaluate<'_, S, O, B, C> {
    /// Decides. A plan that the ledger lists as finished is skipped, unless a later release replaced its release.
    ///
    /// # Errors
    /// When the ledger or Octopus cannot be read.
    pub async fn judge(
        &self,
        trigger: &Trigger,
        gathered: &Gathered,
    ) -> Result<(ExplainedDecision, Answers), StepError> {
        let (decided, answers) = answers(self.octopus, &gathered.situation(trigger)).await?;
        let (plan, reason) = match decided.decision {
            Decision::Create(plan, reason) => (plan, reason),
            decision => {
                return Ok((
                    ExplainedDecision {
                        decision,
                        ..decided
                    },
                    answers,
                ));
            }
        };
        let compared = self.compare(trigger, gathered, *plan).await?;
        let (decision, more) = match compared {
            Compared::Due(plan) => (Decision::Create(Box::new(plan), reason), decided.more),
            Compared::Finished(reason) => (Decision::Skip(reason), false),
        };
        let decided = ExplainedDecision {
            decision,
            more,
            ..decided
        };
        Ok((decided, answers))
    }

    async fn compare(
        &self,
        trigger: &Trigger,
        gathered: &Gathered,
        mut plan: Plan,
    ) -> Result<Compared, StepError> {
        loop {
            let row = self.store.entry(&LedgerId::Plan(plan.key())).await?;
            let Some(Entry::Done { release, version }) = row.entry else {
                return Ok(Compared::Due(plan));
            };
            let repeated = plan.repeats.as_ref().map(|repeat| &repeat.release);
            if repeated == Some(&release)
                || !self.is_behind_newest(gathered, &plan, &release).await?
            {
                let reason = Reason::AlreadyReleased { release, version };
                return Ok(Compared::Finished(reason));
            }
            let trigger = trigger.id.clone();
            plan.repeats = Some(Repeat { release, trigger });
        }
    }

    /// Whether Octopus lists the release behind the channel's newest one. A release that is not listed was
    /// deleted by a user, or the list does not contain it yet: in both cases its plan stays finished.
    async fn is_behind_newest(
        &self,
        gathered: &Gathered,
        plan: &Plan,
        release: &ReleaseId,
    ) -> Result<bool, OctopusError> {
        let position = |listed: &[Release]| listed.iter().position(|one| one.id == *release);
        if let Some(position) = position(&gathered.releases) {
            return Ok(position > 0);
        }
        let releases = self
            .octopus
            .releases(&gathered.project, &plan.channel, SEARCHED)
            .await?;
        Ok(position(&releases).is_some_and(|position| position > 0))
    }
}
