//! What a read says of its budget is left for everybody who shares it: other feeds of the same host and
//! credential, other instances, the planner. Being told to stop is written down before anything else of the
//! read is; a read that brought nothing new about its budget writes nothing.

use domain::budget::{BudgetKey, BudgetState, QuotaReading};
use domain::time::Timestamp;

use super::Check;
use crate::ports::{Budgets, Clock, FeedAnswer, FeedError, FeedErrorKind, Routes};
use crate::{StepError, with_causes};

impl<S: Budgets, R: Routes, B, C: Clock> Check<'_, S, R, B, C> {
    pub(super) async fn mind_budget(
        &self,
        key: &BudgetKey,
        before: Option<&BudgetState>,
        answer: &FeedAnswer,
    ) -> Result<(), StepError> {
        let now = self.clock.now();
        update_budget(self.store, self.reader.access(), key, before, answer, now).await?;
        Ok(())
    }
}

/// Brings the state of the budget up to date with an answer. `before` is the state that the read began with.
pub async fn update_budget<S: Budgets>(
    store: &S,
    access: &domain::feed::Access,
    key: &BudgetKey,
    before: Option<&BudgetState>,
    answer: &FeedAnswer,
    now: Timestamp,
) -> Result<(), crate::ports::StoreError> {
    if let Some(error) = stop(answer) {
        let (reason, asked) = (with_causes(error), error.kind.retry_after());
        let throttled = |state| {
            let reason = reason.clone();
            Some(BudgetState::after_throttle(
                state, access, reason, asked, now,
            ))
        };
        return store.change_budget(key, throttled).await;
    }
    let seen = tally(answer, now);
    let next = |state| BudgetState::after_read(state, access, seen.clone(), now);
    if next(before.cloned()).as_ref() == before {
        return Ok(());
    }
    store.change_budget(key, next).await
}

/// The error by which the read was told to stop, with the longest pause.
fn stop(answer: &FeedAnswer) -> Option<&FeedError> {
    let errors = answer
        .readings
        .iter()
        .filter_map(|reading| reading.as_ref().err());
    errors
        .filter(|error| matches!(error.kind, FeedErrorKind::Throttled(_)))
        .max_by_key(|error| error.kind.retry_after())
}

fn tally(answer: &FeedAnswer, at: Timestamp) -> Option<QuotaReading> {
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    Some(QuotaReading {
        quota: answer.quota.as_ref()?.at(at),
        at,
        requests: count(answer.requests),
        packages: count(answer.readings.len()),
    })
}
