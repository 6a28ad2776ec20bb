//! The budgets of feeds and Octopus, stored in the partition of the pauses so that the planner needs one query.

use domain::budget::{AllowanceReading, BudgetKey, BudgetState};
use domain::time::Timestamp;
use engine::ports::{Budgets, Clock, Restraints, StoreError};
use wire::rows;

use crate::keys::{self, BUDGET, PAUSES, RATE_LIMITER};
use crate::pauses::RETENTION;
use crate::rows::{BoxError, Store, is_live, read_error, write_error};
use crate::table::{Condition, PutError, Table};

/// Attempts of a change after conflicts: one host throttles several invocations at the same time.
const ATTEMPTS: usize = 5;

impl<T: Table, C: Clock> Budgets for Store<T, C> {
    async fn restraints(&self) -> Result<Restraints, StoreError> {
        let read = async {
            let mut restraints = Restraints::default();
            for row in self.all(PAUSES).await? {
                if row.key.sort.starts_with(BUDGET) {
                    restraints
                        .budgets
                        .extend([rows::budget::decode(&row.body)?]);
                } else if row.key.sort == RATE_LIMITER {
                    restraints.limiter = Some(rows::rate_limiter::decode(&row.body)?);
                } else {
                    restraints.pauses.extend([rows::pause::decode(&row.body)?]);
                }
            }
            Ok::<_, BoxError>(restraints)
        };
        read.await.map_err(read_error("the pauses and budgets"))
    }

    async fn change_budget(
        &self,
        key: &BudgetKey,
        change: impl Fn(Option<BudgetState>) -> Option<BudgetState>,
    ) -> Result<(), StoreError> {
        let changed = async {
            for _ in 0..ATTEMPTS {
                if self.try_change(key, &change).await? {
                    return Ok::<_, BoxError>(());
                }
            }
            Err("other invocations changed it five times; the next check retries".into())
        };
        changed
            .await
            .map_err(write_error(format!("the budget of {key}")))
    }
}

impl<T: Table, C: Clock> Store<T, C> {
    /// Returns false if another invocation changed the state at the same time.
    async fn try_change(
        &self,
        key: &BudgetKey,
        change: impl Fn(Option<BudgetState>) -> Option<BudgetState>,
    ) -> Result<bool, BoxError> {
        let row_key = keys::budget(key);
        // An expired row may still exist, so its revision is needed too.
        let stored = self.table.get_many(std::slice::from_ref(&row_key)).await?;
        let stored = stored.into_iter().next().flatten();
        let revision = stored.as_ref().map(|row| row.revision);
        let live = stored.filter(|row| is_live(row, self.clock.now()));
        let before = live
            .map(|row| rows::budget::decode(&row.body))
            .transpose()?
            .map(|(_, state)| state);
        let next = change(before.clone());
        let written = match (next, revision) {
            (next, _) if next == before => return Ok(true),
            (Some(next), revision) => {
                let body = rows::budget::encode(key, &next)?;
                let row = self.advance_row(row_key, body, revision, expiry(&next));
                row.await.map(drop)
            }
            (None, Some(revision)) => {
                let condition = Condition::Revision(revision);
                self.table.delete(&row_key, condition).await
            }
            (None, None) => return Ok(true),
        };
        match written {
            Ok(()) => Ok(true),
            Err(PutError::Conflict(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// The time after which the state has no effect.
fn expiry(state: &BudgetState) -> Option<Timestamp> {
    let pause = state.pause.as_ref().map(|pause| pause.until + RETENTION);
    let window = state.low.as_ref().and_then(|low| low.quota.resets_at);
    let allowance = state.allowance.as_ref().map(AllowanceReading::forgotten_at);
    pause.max(window).max(allowance)
}
