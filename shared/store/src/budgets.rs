//! Budgets that are to be spared. They stand with the pauses, so that the planner needs one query.

use domain::budget::{BudgetKey, BudgetState};
use domain::time::Timestamp;
use engine::ports::{Budgets, Clock, Restraints, StoreError};
use wire::rows;

use crate::keys::{self, BUDGET, PAUSES};
use crate::pauses::KEPT;
use crate::rows::{Failure, Store, is_live, unread, unwritten};
use crate::table::{Condition, PutError, Table};

/// How often a change starts again because somebody else was faster: several instances are told to stop by
/// one host in the same moment.
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
                } else {
                    restraints.pauses.extend([rows::pause::decode(&row.body)?]);
                }
            }
            Ok::<_, Failure>(restraints)
        };
        read.await.map_err(unread("the pauses and budgets"))
    }

    async fn change_budget(
        &self,
        key: &BudgetKey,
        change: impl Fn(Option<BudgetState>) -> Option<BudgetState>,
    ) -> Result<(), StoreError> {
        let changed = async {
            for _ in 0..ATTEMPTS {
                if self.try_change(key, &change).await? {
                    return Ok::<_, Failure>(());
                }
            }
            Err("somebody else keeps changing it; it is tried again with the next check".into())
        };
        changed
            .await
            .map_err(unwritten(format!("the budget of {key}")))
    }
}

impl<T: Table, C: Clock> Store<T, C> {
    /// Whether the state was changed: not if somebody else changed it in the meantime.
    async fn try_change(
        &self,
        key: &BudgetKey,
        change: impl Fn(Option<BudgetState>) -> Option<BudgetState>,
    ) -> Result<bool, Failure> {
        let row_key = keys::budget(key);
        // Also a row that has expired holds its place in the table.
        let held = self.table.get_many(std::slice::from_ref(&row_key)).await?;
        let held = held.into_iter().next().flatten();
        let revision = held.as_ref().map(|row| row.revision);
        let live = held.filter(|row| is_live(row, self.clock.now()));
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

/// When nothing that the state says matters any more.
fn expiry(state: &BudgetState) -> Option<Timestamp> {
    let pause = state.pause.as_ref().map(|pause| pause.until + KEPT);
    let window = state.low.as_ref().and_then(|low| low.quota.resets_at);
    pause.max(window)
}
