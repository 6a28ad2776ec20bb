//! Step 3: decide what a trigger asks for, and create the release.
//!
//! In goes a `PackageVersionsChanged`, for every trigger that watches the package, or a
//! `TriggerEvaluationRequested`. What is looked at is always what is: the snapshots, the channel's rules
//! and template, its previous release. The decision is made by `domain::decide`. On Create the release is
//! made under the channel's lane and the plan's claim (see [`create`]). Every evaluation is written to
//! the trigger's history and published as `ReleaseCreated` or `ReleaseSkipped`. What Octopus does not
//! answer now is asked again later: the trigger is paused, and the schedule comes back to it.

mod channel_lock;
mod claims;
mod create;
mod situation;
mod verdict;

pub use situation::{Gathered, answers, judge, previous_release};

use domain::decide::{Decision, Reason};
use domain::due::BackOff;
use domain::history::{Evaluation, Outcome};
use domain::ledger::Owner;
use domain::time::Span;
use domain::trigger::{NativeTriggers, Trigger};

use crate::StepError;
use crate::messages::{Announcement, EvaluationRequest, Event, Message, Origin};
use crate::ports::{
    Bus, Clock, History, Ledger, OctopusReader, PauseKey, Pauses, ReleaseCreator, SnapshotReader,
    TriggerFiles, WatchLists,
};
use crate::schedule::EVALUATE_EVERY;
use verdict::{Again, Verdict};

/// How evaluations are carried out.
#[derive(Clone, Debug)]
pub struct EvaluateSettings {
    /// Decide and record, but create nothing.
    pub observe: bool,
    /// Which native triggers are run; held against Octopus once more before a release is created.
    pub native: NativeTriggers,
    /// Who claims in the ledger.
    pub owner: Owner,
    /// How long a claim holds: longer than one evaluation can take.
    pub lease: Span,
}

/// The step.
pub struct Evaluate<'a, S, O, B, C> {
    /// The store.
    pub store: &'a S,
    /// Octopus.
    pub octopus: &'a O,
    /// The bus.
    pub bus: &'a B,
    /// The clock.
    pub clock: &'a C,
    /// The settings.
    pub settings: &'a EvaluateSettings,
}

impl<S, O, B, C> Evaluate<'_, S, O, B, C>
where
    S: WatchLists + TriggerFiles + SnapshotReader + Ledger + History + Pauses,
    O: OctopusReader + ReleaseCreator,
    B: Bus,
    C: Clock,
{
    /// Evaluates every trigger that watches the package.
    ///
    /// # Errors
    /// When the store or the bus fails.
    pub async fn changed(
        &self,
        announcement: &Announcement,
        origin: &Origin,
    ) -> Result<Vec<Evaluation>, StepError> {
        let Some(stored) = self.store.watch_list().await? else {
            return Ok(Vec::new());
        };
        let cause = format!(
            "{} changed in {}",
            announcement.package.package, announcement.feed_name
        );
        let mut evaluations = Vec::new();
        for trigger in stored.list.watchers(&announcement.package) {
            evaluations.push(self.evaluate(trigger, &cause, false, origin).await?);
        }
        Ok(evaluations)
    }

    /// Evaluates one trigger. Gives nothing if this program does not run it, or no longer.
    ///
    /// # Errors
    /// When the store or the bus fails.
    pub async fn requested(
        &self,
        request: &EvaluationRequest,
        origin: &Origin,
    ) -> Result<Option<Evaluation>, StepError> {
        let Some(stored) = self.store.watch_list().await? else {
            return Ok(None);
        };
        let Some(trigger) = stored.list.trigger(&request.space, &request.trigger) else {
            return Ok(None);
        };
        let cause = &request.cause;
        let evaluation = self.evaluate(trigger, cause, request.retrying, origin);
        evaluation.await.map(Some)
    }

    async fn evaluate(
        &self,
        trigger: &Trigger,
        cause: &str,
        retrying: bool,
        origin: &Origin,
    ) -> Result<Evaluation, StepError> {
        let started = self.clock.now();
        let verdict = self.verdict(trigger).await?;
        let evaluation = Evaluation {
            trigger: trigger.id.clone(),
            trigger_name: trigger.name.clone(),
            space: trigger.space.clone(),
            project_name: trigger.project_name.clone(),
            at: started,
            took: self.clock.now().since(started),
            cause: cause.to_owned(),
            outcome: verdict.outcome,
            reason: verdict.reason,
            release: verdict.release,
            findings: verdict.findings,
        };
        self.store.record(&evaluation).await?;
        self.tell(&evaluation, origin).await?;
        if let Some(finish) = verdict.finish {
            self.finish(finish).await?;
        }
        self.come_back(&evaluation, verdict.again, retrying).await?;
        Ok(evaluation)
    }

    async fn verdict(&self, trigger: &Trigger) -> Result<Verdict, StepError> {
        if let Some(why) = trigger.problem.clone() {
            let unready = Decision::Wait(Reason::NotReady { why }, None);
            return Ok(Verdict::of(&unready, Vec::new()));
        }
        let gathered = match self.gather(trigger).await? {
            Ok(gathered) => gathered,
            Err(error) => return Ok(Verdict::failed(&error)),
        };
        if let Some(verdict) = self.unfinished(trigger, &gathered, false).await? {
            return Ok(verdict);
        }
        let decided = match self.judge(trigger, &gathered).await {
            Ok(decided) => decided,
            Err(error) => return Ok(Verdict::failed(&error)),
        };
        match decided.decision {
            Decision::Create(plan, reason) if self.only_looks(trigger) => Ok(Verdict::observed(
                &plan,
                &reason.to_string(),
                decided.findings,
            )),
            Decision::Create(..) => self.create_with_lock(trigger).await,
            other => Ok(Verdict::of(&other, decided.findings)),
        }
    }

    /// Whether nothing is created for the trigger.
    fn only_looks(&self, trigger: &Trigger) -> bool {
        self.settings.observe || trigger.options.dry_run
    }

    async fn tell(&self, evaluation: &Evaluation, origin: &Origin) -> Result<(), StepError> {
        let unique = match &evaluation.release {
            Some(release) => format!("{} {}", release.id, evaluation.outcome),
            None => evaluation.at.as_millis().to_string(),
        };
        let event = match evaluation.outcome {
            Outcome::Created => Event::ReleaseCreated(Box::new(evaluation.clone())),
            _ => Event::ReleaseSkipped(Box::new(evaluation.clone())),
        };
        let unique = [
            evaluation.space.as_str(),
            evaluation.trigger.as_str(),
            &unique,
        ];
        self.bus
            .publish(&[Message::new(origin, event, &unique, evaluation.at)])
            .await?;
        Ok(())
    }

    /// Sets when the trigger is evaluated again, where the hourly evaluation is not enough. A later time than
    /// within the hour waits in steps: until then the pause stands in place of the hourly evaluation.
    async fn come_back(
        &self,
        evaluation: &Evaluation,
        again: Again,
        retrying: bool,
    ) -> Result<(), StepError> {
        let key = PauseKey::Trigger(evaluation.space.clone(), evaluation.trigger.clone());
        let reason = evaluation.reason.clone();
        let state = match again {
            // Another evaluation may have asked meanwhile to be come back to.
            Again::No if retrying => {
                return Ok(self.store.resume_if_over(&key, evaluation.at).await?);
            }
            Again::No => return Ok(()),
            Again::At(until) => BackOff {
                failures: 1,
                until: until.min(self.clock.now() + EVALUATE_EVERY),
                reason,
                throttled: false,
            },
            Again::AfterFailure(retry_after) => {
                let pauses = self.store.pauses().await?;
                let before = pauses
                    .iter()
                    .find(|(other, _)| *other == key)
                    .map(|(_, state)| state);
                BackOff::after_failure(before, reason, retry_after, self.clock.now())
            }
        };
        Ok(self.store.pause(&key, &state).await?)
    }
}
