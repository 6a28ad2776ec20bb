//! The ledger.

use domain::ids::{ChannelId, ProjectId, SpaceId};
use domain::ledger::Entry;
use domain::plan::PlanKey;
use domain::time::Timestamp;

use super::{SaveError, StoreError};

/// The ledger of plans and channel locks.
pub trait Ledger {
    /// The entry, by a consistent read.
    async fn entry(&self, id: &LedgerId) -> Result<LedgerRow, StoreError>;

    /// Writes an entry if its row still has the given revision (`None`: if there is still no row), and keeps it until
    /// `expires` at least. Returns the new revision.
    async fn put(
        &self,
        id: &LedgerId,
        entry: &Entry,
        revision: Option<u64>,
        expires: Timestamp,
    ) -> Result<u64, SaveError>;

    /// Removes an entry if it still has the given revision.
    async fn release(&self, id: &LedgerId, revision: u64) -> Result<(), SaveError>;
}

/// A row of the ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerRow {
    /// `None` if the entry was released, has expired, or never existed.
    pub entry: Option<Entry>,
    /// Each write adds one. `None` if there is no row.
    pub revision: Option<u64>,
}

/// The subject of a ledger entry.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum LedgerId {
    /// A plan.
    Plan(PlanKey),
    /// The lock of a channel.
    ChannelLock(SpaceId, ProjectId, ChannelId),
}
