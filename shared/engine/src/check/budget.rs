//! Stores the state of a budget for all that share it: other feeds with the same host and credential, other
//! invocations, the scheduler. A throttled answer is stored before any other result of the read; a read with
//! no news about its budget writes nothing.

use domain::budget::{AllowanceReading, BudgetKey, BudgetState, QuotaReading};
use domain::time::Timestamp;

use super::Check;
use crate::ports::{Budgets, Clock, FeedAnswer, FeedError, FeedErrorKind, Routes};
use crate::{StepError, with_causes};

impl<S: Budgets, R: Routes, B, C: Clock> Check<'_, S, R, B, C> {
    pub(super) async fn store_budget(
        &self,
        key: &BudgetKey,
        before: Option<&BudgetState>,
        answer: &FeedAnswer,
    ) -> Result<(), StepError> {
        let now = self.clock.now();
        update_budget(self.store, &self.reader.access(), key, before, answer, now).await?;
        Ok(())
    }
}

/// Updates the state of a budget by an answer. `before` is the state at the beginning of the read.
pub async fn update_budget<S: Budgets>(
    store: &S,
    access: &domain::feed::Access,
    key: &BudgetKey,
    before: Option<&BudgetState>,
    answer: &FeedAnswer,
    now: Timestamp,
) -> Result<(), crate::ports::StoreError> {
    if let Some(error) = throttled(answer) {
        let (reason, retry_after) = (with_causes(error), error.kind.retry_after());
        let change = |state| {
            let reason = reason.clone();
            Some(BudgetState::after_throttle(
                state,
                access,
                reason,
                retry_after,
                now,
            ))
        };
        return store.change_budget(key, change).await;
    }
    let reading = quota_reading(answer, now);
    let allowance = allowance_reading(answer, now);
    let next =
        |state| BudgetState::after_read(state, access, reading.clone(), allowance.clone(), now);
    if next(before.cloned()).as_ref() == before {
        return Ok(());
    }
    store.change_budget(key, next).await
}

/// The throttling error with the longest `Retry-After`.
fn throttled(answer: &FeedAnswer) -> Option<&FeedError> {
    let errors = answer
        .readings
        .iter()
        .filter_map(|reading| reading.as_ref().err());
    errors
        .filter(|error| matches!(error.kind, FeedErrorKind::Throttled(_)))
        .max_by_key(|error| error.kind.retry_after())
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

fn allowance_reading(answer: &FeedAnswer, at: Timestamp) -> Option<AllowanceReading> {
    Some(AllowanceReading {
        per_minute: answer.allowance?,
        at,
        requests: count(answer.requests),
        packages: count(answer.readings.len()),
    })
}

fn quota_reading(answer: &FeedAnswer, at: Timestamp) -> Option<QuotaReading> {
    Some(QuotaReading {
        quota: answer.quota.as_ref()?.at(at),
        at,
        requests: count(answer.requests),
        packages: count(answer.readings.len()),
    })
}
