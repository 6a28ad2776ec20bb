//! Copies of the documents of triggers' projects, one row for each trigger.

use domain::ids::{SpaceId, TriggerId};
use domain::time::Span;
use engine::ports::{Clock, DocumentCache, Documents, StoreError};
use wire::rows::documents;

use crate::body::CHUNK;
use crate::keys;
use crate::rows::{Store, read_error, write_error};
use crate::table::Table;

/// How long a copy is kept. It is written again when the documents change.
const RETENTION: Span = Span::from_days(30);

impl<T: Table, C: Clock> DocumentCache for Store<T, C> {
    async fn documents(
        &self,
        space: &SpaceId,
        trigger: &TriggerId,
        fingerprint: &str,
    ) -> Result<Option<Documents>, StoreError> {
        let row = self.row(&keys::documents(space, trigger)).await;
        let Some(row) = row.map_err(read_error(subject(trigger)))? else {
            return Ok(None);
        };
        // A row of another version of this program is read from Octopus again.
        let read = documents::decode(&row.body).ok();
        let read = read.filter(|(of_copy, _)| of_copy == fingerprint);
        Ok(read.map(|(_, documents)| documents))
    }

    async fn keep_documents(
        &self,
        space: &SpaceId,
        trigger: &TriggerId,
        fingerprint: &str,
        copy: &Documents,
    ) -> Result<(), StoreError> {
        let body = documents::encode(fingerprint, copy);
        let body = body.map_err(write_error(subject(trigger)))?;
        if body.len() > CHUNK {
            return Ok(());
        }
        let expires = self.clock.now() + RETENTION;
        let written = self.replace(keys::documents(space, trigger), body, Some(expires));
        written.await.map_err(write_error(subject(trigger)))
    }
}

fn subject(trigger: &TriggerId) -> String {
    format!("the documents of trigger {trigger}'s project")
}
