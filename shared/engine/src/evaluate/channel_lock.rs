//! Creates a release under the channel lock. No other evaluation creates a release in the channel meanwhile,
//! so a decision under the lock stays valid until the release is created.

use domain::cause::EvaluationCause;
use domain::decide::{Decision, ExplainedDecision, Finding};
use domain::history::Outcome;
use domain::ledger::{Claim, claim};
use domain::mask::is_incrementing;
use domain::plan::PlanKey;
use domain::reason_code::{ReasonCode, ReasonDetails};
use domain::trigger::{Trigger, TriggerOrigin};

use super::Evaluate;
use super::acquire::Attempt;
use super::claims::BUSY_WAIT;
use super::create::number_taken;
use super::lease::{Finish, FreeLock, Lease};
use super::situation::GatherError;
use super::verdict::{Again, Unfinished, Verdict};
use crate::StepError;
use crate::ports::{
    Bus, Clock, DocumentCache, History, Ledger, LedgerId, OctopusError, OctopusReader, Pauses,
    Release, ReleaseCreator, SnapshotReader, TriggerFiles, WatchLists,
};

/// Attempts to create a release whose number another release takes meanwhile: the lock is per channel, but
/// numbers are unique per project.
const ATTEMPTS: usize = 3;

impl<S, O, B, C> Evaluate<'_, S, O, B, C>
where
    S: WatchLists + TriggerFiles + SnapshotReader + DocumentCache + Ledger + History + Pauses,
    O: OctopusReader + ReleaseCreator,
    B: Bus,
    C: Clock,
{
    /// The channel lock, if no evaluation has it.
    pub(super) async fn free_lock(&self, trigger: &Trigger) -> Result<Option<FreeLock>, StepError> {
        let row = self.store.entry(&lock_id(trigger)).await?;
        let is_free = claim(row.entry.as_ref(), self.clock.now()) == Claim::Free;
        Ok(is_free.then_some(FreeLock(row.revision)))
    }

    /// Creates the release of the plan under the lock. `listed`: the channel's releases, which were read after the lock was
    /// free.
    pub(super) async fn create_with_lock(
        &self,
        trigger: &Trigger,
        cause: &EvaluationCause,
        plan: PlanKey,
        listed: Option<(FreeLock, Vec<Release>)>,
    ) -> Result<Verdict, StepError> {
        let mut channel_lock = match self.claim_channel(lock_id(trigger), plan).await? {
            Attempt::Granted(channel_lock) => channel_lock,
            Attempt::Refused(claim) => return Ok(self.busy(&claim, Vec::new())),
        };
        let listed = listed.filter(|(free, _)| channel_lock.follows(*free));
        let releases = listed.map(|(_, releases)| releases);
        let mut verdict = self
            .decide_again(trigger, cause, releases, None, &mut channel_lock)
            .await?;
        for _ in 1..ATTEMPTS {
            if let Some(taken) = verdict.taken_number.take() {
                // An earlier request for a release with this number cannot succeed any more.
                channel_lock.earlier_attempt = None;
                verdict = self
                    .decide_again(trigger, cause, None, Some(&taken), &mut channel_lock)
                    .await?;
            }
        }
        if verdict.keeps_channel_lock {
            self.leave(channel_lock, &verdict.reason).await?;
            return Ok(verdict);
        }
        if !channel_lock.is_settled_by(verdict.finish.as_ref()) {
            let error = channel_lock.earlier_attempt.clone().unwrap_or_default();
            self.leave(channel_lock, &error).await?;
            return Ok(verdict);
        }
        verdict
            .finish
            .get_or_insert(Finish {
                plan: None,
                channel_lock: None,
            })
            .channel_lock = Some(channel_lock);
        Ok(verdict)
    }

    /// Decides again under the lock, and creates the release. Another release may be due right after it. A plan whose
    /// number an earlier attempt found `taken` is refused.
    async fn decide_again(
        &self,
        trigger: &Trigger,
        cause: &EvaluationCause,
        releases: Option<Vec<Release>>,
        taken: Option<&str>,
        channel_lock: &mut Lease,
    ) -> Result<Verdict, StepError> {
        if let Some(verdict) = self.objection(trigger).await? {
            return Ok(verdict);
        }
        let gathered = match self.gather_locked(trigger, cause, releases).await {
            Ok(gathered) => gathered,
            Err(GatherError::Octopus(error)) => return Ok(Verdict::failed(&error)),
            Err(GatherError::Step(error)) => return Err(error),
        };
        if let Unfinished::Interrupted(verdict) = self.unfinished(trigger, &gathered, true).await? {
            return Ok(*verdict);
        }
        let ExplainedDecision {
            decision,
            findings,
            more,
            ..
        } = match self.judge(trigger, &gathered).await {
            Ok((decided, _)) => decided,
            Err(StepError::Octopus(error)) => return Ok(Verdict::failed(&error)),
            Err(error) => return Err(error),
        };
        let (plan, reason) = match decision {
            Decision::Create(plan, reason) => (plan, reason),
            other => return Ok(Verdict::of(&other, findings)),
        };
        let is_taken = |number: &str| taken == Some(number) && !is_incrementing(number);
        if plan.release_version.as_deref().is_some_and(is_taken) {
            return Ok(number_stays_taken(trigger, taken, findings));
        }
        let key = plan.key();
        if channel_lock.plan.as_ref() != Some(&key) {
            let error = channel_lock.earlier_attempt.clone();
            if error.is_some() || !self.restate(channel_lock, key).await? {
                let busy = Claim::LockedUntil(channel_lock.until, error);
                return Ok(self.busy(&busy, findings));
            }
        }
        let plan = self.with_build_information(&trigger.options, *plan).await;
        let verdict = self.create_once(&gathered, &plan, &reason, findings);
        let verdict = verdict.await?;
        Ok(match verdict.outcome {
            Outcome::Created if more => verdict.again(Again::At(self.clock.now())),
            _ => verdict,
        })
    }

    /// A reason not to create a release that is not part of the decision: the trigger was changed or disabled, or
    /// another trigger file was applied.
    async fn objection(&self, trigger: &Trigger) -> Result<Option<Verdict>, StepError> {
        let skipped = |reason: &str| {
            Some(Verdict::new(
                Outcome::Skipped,
                reason.to_owned(),
                ReasonDetails::of(ReasonCode::TriggerChanged),
                Vec::new(),
            ))
        };
        let file = self.store.trigger_file().await?;
        let Some(stored) = self.store.watch_list().await? else {
            return Ok(skipped("the trigger is no longer in the watch list"));
        };
        if stored.file != file.map(|file| file.revision) {
            let reason =
                "another trigger file was applied; waiting until the watch list contains it"
                    .to_owned();
            let soon = self.clock.now() + BUSY_WAIT;
            let code = ReasonCode::TriggerFileApplied;
            return Ok(Some(Verdict::waiting(reason, code, soon, Vec::new())));
        }
        Ok(match trigger.origin {
            TriggerOrigin::File
                if stored
                    .list
                    .trigger(&trigger.space, &trigger.id)
                    .is_some_and(|one| one.is_same_as(trigger)) =>
            {
                None
            }
            TriggerOrigin::File => {
                skipped("the trigger was changed in the trigger file or removed from it")
            }
            TriggerOrigin::Octopus => match self.is_unchanged(trigger).await {
                Ok(true) => None,
                Ok(false) => skipped("the trigger was disabled or changed in Octopus"),
                Err(error) => Some(Verdict::failed(&error)),
            },
        })
    }

    /// Whether the trigger is unchanged in Octopus since the watch list was read, and this program still runs
    /// it. A changed trigger is evaluated as soon as the watch list contains the change.
    async fn is_unchanged(&self, trigger: &Trigger) -> Result<bool, OctopusError> {
        let native = self.octopus.feed_trigger(&trigger.space, &trigger.id);
        let Some(native) = native.await? else {
            return Ok(false);
        };
        let sources = trigger.sources.iter().map(|source| &source.reference);
        let is_same = self
            .settings
            .native
            .selects(native.is_disabled, &native.description)
            && native.name == trigger.name
            && native.project == trigger.project
            && native.sources.iter().eq(sources);
        if !is_same {
            return Ok(false);
        }
        let channel = match native.channel {
            Some(channel) => channel,
            None => {
                let project = self.octopus.project(&trigger.space, &trigger.project);
                self.octopus.channel(&project.await?, None).await?.id
            }
        };
        Ok(channel == trigger.channel)
    }
}

/// The lock of the trigger's channel.
fn lock_id(trigger: &Trigger) -> LedgerId {
    let (space, project) = (trigger.space.clone(), trigger.project.clone());
    LedgerId::ChannelLock(space, project, trigger.channel.clone())
}

/// The trigger's plan has the number of another release, and another attempt would have it too.
fn number_stays_taken(trigger: &Trigger, taken: Option<&str>, findings: Vec<Finding>) -> Verdict {
    let number = taken.unwrap_or_default();
    let remedy = match trigger.options.release_version {
        Some(_) => "change the trigger's `releaseVersion` so that each release gets another number",
        None => "change the project's release versioning so that each release gets another number",
    };
    let reason = format!(
        "cannot create the release: the project has a release {number} with other packages; {remedy}, or delete \
         the release {number} in Octopus"
    );
    Verdict::new(Outcome::Refused, reason, number_taken(number), findings)
}
