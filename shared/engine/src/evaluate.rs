//! Step 3: evaluates a trigger and creates the release.
//!
//! The input is a `PackageVersionsChanged`, for every trigger that watches the package, or a
//! `TriggerEvaluationRequested`. The decision depends only on the current state: the snapshots, the channel's
//! rules and template, its previous release. `domain::decide` makes it. On Create, the release is created
//! under the channel lock and the plan's claim (see [`create`]). Every evaluation is recorded in the
//! trigger's history, unless it repeats a wait, and published as `ReleaseCreated` or `ReleaseSkipped`. If Octopus
//! fails, the trigger is paused and the scheduler requests a retry.

mod acquire;
mod build_information;
mod causes;
mod channel_lock;
mod claims;
mod create;
mod documents;
mod lease;
mod metadata;
mod record;
mod released;
mod repeat;
mod settings;
mod situation;
mod unwatched;
mod verdict;
mod version_limit;

pub use released::{Depth, NamedReleases, Released};
pub use settings::{EvaluateSettings, INVOCATION_LEASE};
pub use situation::{GatherError, Gathered, judge};

use std::collections::BTreeMap;

use domain::cause::EvaluationCause;
use domain::decide::{Decision, ExplainedDecision, Reason};
use domain::history::{Evaluation, SeenChanges};
use domain::trigger::{Trigger, WatchList};

use crate::StepError;
use crate::messages::Origin;
use crate::ports::{
    Bus, Clock, DocumentCache, History, Ledger, OctopusReader, Pauses, ReleaseCreator,
    SnapshotReader, TriggerFiles, WatchLists,
};
use lease::FreeLock;
use verdict::{Unfinished, Verdict};

pub struct Evaluate<'a, S, O, B, C> {
    pub store: &'a S,
    pub octopus: &'a O,
    pub bus: &'a B,
    pub clock: &'a C,
    pub settings: &'a EvaluateSettings,
}

impl<S, O, B, C> Evaluate<'_, S, O, B, C>
where
    S: WatchLists + TriggerFiles + SnapshotReader + DocumentCache + Ledger + History + Pauses,
    O: OctopusReader + ReleaseCreator,
    B: Bus,
    C: Clock,
{
    pub(super) async fn evaluate(
        &self,
        list: &WatchList,
        trigger: &Trigger,
        cause: &EvaluationCause,
        retrying: bool,
        origin: &Origin,
    ) -> Result<Evaluation, StepError> {
        let started = self.clock.now();
        let verdict = self.verdict(list, trigger, cause, origin).await?;
        let evaluation = Evaluation {
            trigger: trigger.id.clone(),
            trigger_name: trigger.name.clone(),
            space: trigger.space.clone(),
            project_name: trigger.project_name.clone(),
            at: started,
            took: self.clock.now().since(started),
            cause: cause.clone(),
            outcome: verdict.outcome,
            reason: verdict.reason,
            details: verdict.details,
            release: verdict.release,
            findings: verdict.findings,
        };
        let generations = verdict.generations;
        let seen = (!generations.is_empty()).then(|| SeenChanges {
            message: origin.causation_id.clone().unwrap_or_default(),
            at: started,
            generations,
        });
        if !self.repeats_last(&evaluation).await? {
            self.store.record_seen(&evaluation, seen).await?;
        }
        self.publish(&evaluation, origin).await?;
        if let Some(finish) = verdict.finish {
            self.finish(finish).await?;
        }
        self.set_retry(&evaluation, verdict.again, retrying).await?;
        Ok(evaluation)
    }

    async fn verdict(
        &self,
        list: &WatchList,
        trigger: &Trigger,
        cause: &EvaluationCause,
        origin: &Origin,
    ) -> Result<Verdict, StepError> {
        if let Some(why) = trigger.problem.clone() {
            let unready = Decision::Wait(Reason::NotReady { why }, None);
            return Ok(Verdict::of(&unready, Vec::new()));
        }
        let packages = self.packages(trigger, list).await?;
        // Many triggers may be new at once, and their packages are read soon. Octopus need not be asked before.
        if let Some(unread) = packages.unread(trigger) {
            return Ok(Verdict::of(&Decision::Wait(unread, None), Vec::new()));
        }
        let creates_nothing = self.creates_nothing(trigger);
        let lock_before = match creates_nothing {
            true => None,
            false => self.free_lock(trigger).await?,
        };
        let gathered = self.first_look(trigger, list, packages, cause, creates_nothing);
        let gathered = match gathered.await {
            Ok(gathered) => gathered,
            Err(GatherError::Octopus(error)) => return Ok(Verdict::failed(&error)),
            Err(GatherError::Step(error)) => return Err(error),
        };
        // If the evaluation in progress is interrupted, this message may be the only one that finishes its work.
        let generations = match self.unfinished(trigger, &gathered, false).await? {
            Unfinished::Interrupted(verdict) => return Ok(*verdict),
            Unfinished::Abandoned(plan) if !creates_nothing => {
                let recorded = self.create_with_lock(trigger, cause, plan, None);
                return recorded.await;
            }
            Unfinished::Abandoned(_) | Unfinished::InProgress => BTreeMap::new(),
            Unfinished::None => gathered.generations().clone(),
        };
        let verdict = self.decided(trigger, cause, origin, gathered, lock_before);
        let verdict = verdict.await?;
        Ok(verdict.based_on(generations))
    }

    async fn decided(
        &self,
        trigger: &Trigger,
        cause: &EvaluationCause,
        origin: &Origin,
        gathered: Gathered,
        lock_before: Option<FreeLock>,
    ) -> Result<Verdict, StepError> {
        let decided = match self.judge(trigger, &gathered).await {
            Ok((decided, _)) => decided,
            Err(StepError::Octopus(error)) => return Ok(Verdict::failed(&error)),
            Err(error) => return Err(error),
        };
        if !decided.unread.is_empty() {
            self.request_metadata(&gathered, &decided.unread, origin)
                .await?;
        }
        match decided.decision {
            Decision::Create(..) if self.creates_nothing(trigger) => {
                Ok(self.observe(&gathered, decided).await)
            }
            Decision::Create(plan, _) => {
                // The situation is gathered again under the lock; two of them may exceed the memory.
                let Gathered { releases, .. } = gathered;
                let listed = lock_before.map(|lock| (lock, releases));
                self.create_with_lock(trigger, cause, plan.key(), listed)
                    .await
            }
            other => Ok(Verdict::of(&other, decided.findings)),
        }
    }

    /// The verdict of an evaluation that must not create the release of its decision.
    async fn observe(&self, gathered: &Gathered, decided: ExplainedDecision) -> Verdict {
        let ExplainedDecision {
            decision, findings, ..
        } = match self.with_unwatched(gathered, decided).await {
            Ok(decided) => decided,
            Err(error) => return Verdict::failed(&error),
        };
        match decision {
            Decision::Create(plan, reason) => Verdict::observed(&plan, &reason, findings),
            other => Verdict::of(&other, findings),
        }
    }

    /// Whether the settings or the trigger's options forbid to create releases.
    fn creates_nothing(&self, trigger: &Trigger) -> bool {
        self.settings.observe || trigger.options.dry_run
    }
}
