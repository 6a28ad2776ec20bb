//! The ledger: leases of plans and channels.
//!
//! A channel lock is acquired and released repeatedly. A released or expired entry stays as a row that the next
//! owner overwrites, so its revision continues to count up and a process whose lease expired can neither renew
//! nor release the lease of its successor.

use domain::ledger::Entry;
use domain::time::{Span, Timestamp};
use engine::ports::{Clock, Ledger, LedgerId, LedgerRow, SaveError, StoreError};
use wire::rows::ledger;

use crate::keys;
use crate::rows::{Store, encode_error, is_live, read_error, save_error};
use crate::table::Table;

/// How long a released entry is kept: longer than any process that could know its revision.
const RETENTION: Span = Span::from_days(1);

impl<T: Table, C: Clock> Ledger for Store<T, C> {
    async fn entry(&self, id: &LedgerId) -> Result<LedgerRow, StoreError> {
        let rows = self.table.get_many(&[keys::ledger(id)]).await;
        let row = rows.map_err(read_error(subject(id)))?.pop().flatten();
        let Some(row) = row else {
            return Ok(LedgerRow::default());
        };
        let entry = match is_live(&row, self.clock.now()) {
            true => ledger::decode(&row.body).map_err(read_error(subject(id)))?,
            false => None,
        };
        Ok(LedgerRow {
            entry,
            revision: Some(row.revision),
        })
    }

    async fn put(
        &self,
        id: &LedgerId,
        entry: &Entry,
        revision: Option<u64>,
        expires: Timestamp,
    ) -> Result<u64, SaveError> {
        let body = ledger::encode(Some(entry)).map_err(encode_error(subject(id)))?;
        let written = self
            .advance_row(keys::ledger(id), body, revision, Some(expires))
            .await;
        written.map_err(save_error(subject(id)))
    }

    async fn release(&self, id: &LedgerId, revision: u64) -> Result<(), SaveError> {
        let body = ledger::encode(None).map_err(encode_error(subject(id)))?;
        let expires = Some(self.clock.now() + RETENTION);
        let written = self
            .advance_row(keys::ledger(id), body, Some(revision), expires)
            .await;
        written.map_err(save_error(subject(id)))?;
        Ok(())
    }
}

fn subject(id: &LedgerId) -> String {
    match id {
        LedgerId::Plan(key) => format!("the ledger entry of plan {key}"),
        LedgerId::ChannelLock(_, project, channel) => {
            format!("the channel lock of {channel} in {project}")
        }
    }
}
