//! The last scheduler run.

use engine::ports::{Clock, SchedulerRun, SchedulerRuns, StoreError};
use wire::rows::scheduler_run;

use crate::keys;
use crate::rows::{BoxError, Store, read_error, write_error};
use crate::table::Table;

const SUBJECT: &str = "the last scheduler run";

impl<T: Table, C: Clock> SchedulerRuns for Store<T, C> {
    async fn last_run(&self) -> Result<Option<SchedulerRun>, StoreError> {
        let row = self
            .row(&keys::scheduler_run())
            .await
            .map_err(read_error(SUBJECT))?;
        row.map(|row| scheduler_run::decode(&row.body))
            .transpose()
            .map_err(read_error(SUBJECT))
    }

    async fn remember_run(&self, run: &SchedulerRun) -> Result<(), StoreError> {
        let write = async {
            self.replace(keys::scheduler_run(), scheduler_run::encode(run)?, None)
                .await?;
            Ok::<_, BoxError>(())
        };
        write.await.map_err(write_error(SUBJECT))
    }
}
