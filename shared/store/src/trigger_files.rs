//! The applied trigger file, in one row.

use domain::definition::Definitions;
use engine::ports::{AppliedFile, Clock, SaveError, StoreError, TriggerFiles};
use wire::rows::trigger_file;

use crate::body::CHUNK;
use crate::keys;
use crate::rows::{Store, encode_error, read_error, save_error};
use crate::table::Table;

const SUBJECT: &str = "the applied trigger file";

impl<T: Table, C: Clock> TriggerFiles for Store<T, C> {
    async fn trigger_file(&self) -> Result<Option<AppliedFile>, StoreError> {
        let row = self.row(&keys::trigger_file()).await;
        let row = row.map_err(read_error(SUBJECT))?;
        row.map(|row| trigger_file::decode(&row.body, row.revision))
            .transpose()
            .map_err(read_error(SUBJECT))
    }

    async fn apply_trigger_file(
        &self,
        definitions: &Definitions,
        revision: Option<u64>,
    ) -> Result<(), SaveError> {
        let body = trigger_file::encode(definitions, self.clock.now(), CHUNK);
        let body = body.map_err(encode_error(SUBJECT))?;
        let written = self.advance_row(keys::trigger_file(), body, revision, None);
        written.await.map_err(save_error(SUBJECT))?;
        // The file is applied. Without the mark, the list is refreshed at its regular time.
        if let Err(error) = self.outdate_list().await {
            tracing::warn!(
                error = &*error as &dyn std::error::Error,
                "cannot mark the watch list as outdated; it is refreshed at its regular time"
            );
        }
        Ok(())
    }
}
