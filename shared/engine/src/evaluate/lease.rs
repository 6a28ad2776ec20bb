//! Leases of an evaluation, and their end.

use domain::history::MadeRelease;

use crate::ports::LedgerId;

/// A claimed entry of the ledger.
pub(super) struct Lease {
    pub(super) id: LedgerId,
    pub(super) revision: u64,
    /// The revision of the row before the claim; `None` if there was no row.
    pub(super) replaced: Option<u64>,
}

/// A channel lock that no evaluation had at some time: the revision of its row, or `None` if there was no row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FreeLock(pub(super) Option<u64>);

impl Lease {
    /// Whether no other evaluation had the lock between that time and this claim. Then no other evaluation has created a
    /// release in the channel.
    pub(super) fn follows(&self, free: FreeLock) -> bool {
        self.replaced == free.0
    }
}

/// The writes that follow after the evaluation was recorded.
pub(super) struct Finish {
    pub(super) plan: Option<(Lease, MadeRelease)>,
    pub(super) channel_lock: Option<Lease>,
}
