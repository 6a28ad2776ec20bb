//! Pauses of feeds, packages and triggers after failures.

use domain::due::BackOff;
use domain::time::{Span, Timestamp};
use engine::ports::{Clock, PauseKey, Pauses, StoreError};
use wire::rows::pause;

use crate::keys::{self, BUDGET, PAUSES, RATE_LIMITER};
use crate::rows::{BoxError, Store, read_error, write_error};
use crate::table::{Condition, PutError, Table};

/// How long a pause is kept after its end, so that a further failure continues the back-off. It also removes the
/// pauses of feeds that are no longer watched.
pub(crate) const RETENTION: Span = Span::from_days(7);

const ALL: &str = "the pauses";

impl<T: Table, C: Clock> Pauses for Store<T, C> {
    async fn pauses(&self) -> Result<Vec<(PauseKey, BackOff)>, StoreError> {
        let rows = self.all(PAUSES).await.map_err(read_error(ALL))?;
        rows.iter()
            .filter(|row| !row.key.sort.starts_with(BUDGET) && row.key.sort != RATE_LIMITER)
            .map(|row| pause::decode(&row.body))
            .collect::<Result<_, _>>()
            .map_err(read_error(ALL))
    }

    async fn pause(&self, key: &PauseKey, state: &BackOff) -> Result<(), StoreError> {
        let write = async {
            let body = pause::encode(key, state)?;
            self.replace(keys::pause(key), body, Some(state.until + RETENTION))
                .await?;
            Ok::<_, BoxError>(())
        };
        write.await.map_err(write_error(subject(key)))
    }

    async fn resume(&self, key: &PauseKey) -> Result<(), StoreError> {
        let deleted = self.table.delete(&keys::pause(key), Condition::Any).await;
        deleted.map_err(write_error(subject(key)))
    }

    async fn resume_if_over(&self, key: &PauseKey, by: Timestamp) -> Result<(), StoreError> {
        let row = keys::pause(key);
        let found = self.row(&row).await.map_err(read_error(subject(key)))?;
        let Some(found) = found else { return Ok(()) };
        let (_, state) = pause::decode(&found.body).map_err(read_error(subject(key)))?;
        if !state.is_over(by) {
            return Ok(());
        }
        let condition = Condition::Revision(found.revision);
        match self.table.delete(&row, condition).await {
            Ok(()) | Err(PutError::Conflict(_)) => Ok(()),
            Err(error) => Err(write_error(subject(key))(error)),
        }
    }
}

fn subject(key: &PauseKey) -> String {
    match key {
        PauseKey::Feed(_, feed) => format!("the pause of the feed {feed}"),
        PauseKey::Package(package) => format!("the pause of {package}"),
        PauseKey::Trigger(_, trigger) => format!("the pause of the trigger {trigger}"),
    }
}
