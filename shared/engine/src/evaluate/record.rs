//! Publishes an evaluation and sets the time of the next one.

use domain::due::BackOff;
use domain::history::{Evaluation, Outcome};

use super::Evaluate;
use super::verdict::Again;
use crate::StepError;
use crate::messages::{Event, Message, Origin};
use crate::ports::{Bus, Clock, History, PauseKey, Pauses};
use crate::schedule::EVALUATE_EVERY;

impl<S: History, O, B, C> Evaluate<'_, S, O, B, C> {
    /// Whether the evaluation waits as the last recorded one. A missing signature is read again every two minutes, which
    /// takes two evaluations: one requests the read, one considers its result. The history contains one of them an hour.
    pub(super) async fn repeats_last(&self, evaluation: &Evaluation) -> Result<bool, StepError> {
        if !evaluation.details.code.is_read_again() {
            return Ok(false);
        }
        let (space, trigger) = (&evaluation.space, &evaluation.trigger);
        let recent = self.store.recent(space, trigger, 1).await?;
        let last = recent.first();
        Ok(last.is_some_and(|last| evaluation.repeats(last, EVALUATE_EVERY)))
    }
}

impl<S: Pauses, O, B: Bus, C: Clock> Evaluate<'_, S, O, B, C> {
    pub(super) async fn publish(
        &self,
        evaluation: &Evaluation,
        origin: &Origin,
    ) -> Result<(), StepError> {
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

    /// Sets the time of the next evaluation if that is not the hourly one. A time that is more than an hour away
    /// is reached in steps, because the pause replaces the hourly evaluation.
    pub(super) async fn set_retry(
        &self,
        evaluation: &Evaluation,
        again: Again,
        retrying: bool,
    ) -> Result<(), StepError> {
        let key = PauseKey::Trigger(evaluation.space.clone(), evaluation.trigger.clone());
        let reason = evaluation.reason.clone();
        let state = match again {
            // Another evaluation may have requested a retry meanwhile.
            Again::No if retrying => {
                return Ok(self.store.resume_if_over(&key, evaluation.at).await?);
            }
            Again::No => return Ok(()),
            Again::At(until) => BackOff {
                failures: 1,
                since: Some(evaluation.at),
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
