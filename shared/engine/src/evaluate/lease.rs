//! Leases of an evaluation, and their end.

use domain::history::MadeRelease;

use crate::ports::LedgerId;

/// A claimed entry of the ledger.
pub(super) struct Lease {
    pub(super) id: LedgerId,
    pub(super) revision: u64,
}

/// The writes that follow after the evaluation was recorded.
pub(super) struct Finish {
    pub(super) plan: Option<(Lease, MadeRelease)>,
    pub(super) channel_lock: Option<Lease>,
}
