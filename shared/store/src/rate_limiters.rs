//! The rate limiter of requests with Octopus's API key, in the partition of the pauses.

use domain::budget::LimiterState;
use engine::ports::{Clock, RateLimiters, StoreError};
use wire::rows;

use crate::keys;
use crate::rows::{BoxError, Store, is_live, write_error};
use crate::table::{PutError, Table};

/// Attempts of a change after conflicts: many invocations reserve slots at the same time.
const ATTEMPTS: usize = 10;

impl<T: Table, C: Clock> RateLimiters for Store<T, C> {
    async fn change_rate_limiter(
        &self,
        change: impl Fn(Option<LimiterState>) -> Option<LimiterState>,
    ) -> Result<Option<LimiterState>, StoreError> {
        let changed = async {
            for _ in 0..ATTEMPTS {
                if let Some(next) = self.try_rate_limiter(&change).await? {
                    return Ok::<_, BoxError>(next);
                }
            }
            Err(format!("other invocations changed it {ATTEMPTS} times").into())
        };
        changed
            .await
            .map_err(write_error("the rate limiter of Octopus's requests"))
    }
}

impl<T: Table, C: Clock> Store<T, C> {
    /// Returns the state after the change; `None` if another invocation changed it at the same time.
    async fn try_rate_limiter(
        &self,
        change: impl Fn(Option<LimiterState>) -> Option<LimiterState>,
    ) -> Result<Option<Option<LimiterState>>, BoxError> {
        let key = keys::rate_limiter();
        // An expired row may still exist, so its revision is needed too.
        let stored = self.table.get_many(std::slice::from_ref(&key)).await?;
        let stored = stored.into_iter().next().flatten();
        let revision = stored.as_ref().map(|row| row.revision);
        let live = stored.filter(|row| is_live(row, self.clock.now()));
        let before = live
            .map(|row| rows::rate_limiter::decode(&row.body))
            .transpose()?;
        let next = change(before.clone());
        let Some(changed) = next.as_ref().filter(|_| next != before) else {
            return Ok(Some(next));
        };
        let body = rows::rate_limiter::encode(changed)?;
        let expires = Some(changed.forgotten_at());
        match self.advance_row(key, body, revision, expires).await {
            Ok(_) => Ok(Some(next)),
            Err(PutError::Conflict(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}
