//! The file of triggers that was applied here, in one row.

use domain::definition::Definitions;
use engine::ports::{AppliedFile, Clock, SaveError, StoreError, TriggerFiles};
use wire::rows::trigger_file;

use crate::body::CHUNK;
use crate::keys;
use crate::rows::{Store, unread, unsavable, unsaved};
use crate::table::Table;

const SUBJECT: &str = "the applied file of triggers";

impl<T: Table, C: Clock> TriggerFiles for Store<T, C> {
    async fn trigger_file(&self) -> Result<Option<AppliedFile>, StoreError> {
        let row = self.row(&keys::trigger_file()).await;
        let row = row.map_err(unread(SUBJECT))?;
        row.map(|row| trigger_file::decode(&row.body, row.revision))
            .transpose()
            .map_err(unread(SUBJECT))
    }

    async fn apply_trigger_file(
        &self,
        definitions: &Definitions,
        revision: Option<u64>,
    ) -> Result<(), SaveError> {
        let body = trigger_file::encode(definitions, self.clock.now(), CHUNK);
        let body = body.map_err(unsavable(SUBJECT))?;
        let written = self.advance_row(keys::trigger_file(), body, revision, None);
        written.await.map_err(unsaved(SUBJECT))?;
        // The file is applied. Without the mark, the triggers are read anew when it is their time.
        if let Err(error) = self.outdate_list().await {
            tracing::warn!(
                error = &*error as &dyn std::error::Error,
                "the watch list could not be marked for reading anew; it is read when it is its time"
            );
        }
        Ok(())
    }
}
