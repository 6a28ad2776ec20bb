//! The scheduler's last round.

use engine::ports::{Clock, SchedulerRun, SchedulerRuns, StoreError};
use wire::rows::scheduler_run;

use crate::keys;
use crate::rows::{Failure, Store, unread, unwritten};
use crate::table::Table;

const SUBJECT: &str = "the last tick";

impl<T: Table, C: Clock> SchedulerRuns for Store<T, C> {
    async fn last_run(&self) -> Result<Option<SchedulerRun>, StoreError> {
        let row = self.row(&keys::tick()).await.map_err(unread(SUBJECT))?;
        row.map(|row| scheduler_run::decode(&row.body))
            .transpose()
            .map_err(unread(SUBJECT))
    }

    async fn remember_run(&self, tick: &SchedulerRun) -> Result<(), StoreError> {
        let write = async {
            self.replace(keys::tick(), scheduler_run::encode(tick)?, None)
                .await?;
            Ok::<_, Failure>(())
        };
        write.await.map_err(unwritten(SUBJECT))
    }
}
