//! Leases of an evaluation, and their end.

use domain::history::MadeRelease;
use domain::plan::PlanKey;
use domain::time::{Span, Timestamp};

use crate::ports::LedgerId;

/// How long a finished plan is stored: longer than any message can live (14 days in a dead-letter queue), and
/// as long as the history.
pub(super) const REMEMBER: Span = Span::from_days(90);

/// A claimed entry of the ledger.
pub(super) struct Lease {
    pub(super) id: LedgerId,
    pub(super) revision: u64,
    /// The revision of the row before the claim; `None` if there was no row.
    pub(super) replaced: Option<u64>,
    /// When the claim expires.
    pub(super) until: Timestamp,
    /// The only plan from which the owner of a channel lock creates a release.
    pub(super) plan: Option<PlanKey>,
    /// The number of the release in the claim of a plan, if it is fixed.
    pub(super) number: Option<String>,
    /// The known result of the earlier attempt at the same plan, if its claim was taken over and its request may still be
    /// in progress.
    pub(super) earlier_attempt: Option<String>,
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

    /// Whether no earlier request of the plan can be in progress after these writes.
    pub(super) fn is_settled_by(&self, finish: Option<&Finish>) -> bool {
        let finished = finish.and_then(|finish| finish.plan.as_ref());
        let is_finished = |plan: &PlanKey| {
            finished.is_some_and(|(lease, _)| lease.id == LedgerId::Plan(plan.clone()))
        };
        self.earlier_attempt.is_none() || self.plan.as_ref().is_some_and(is_finished)
    }
}

/// The writes that follow after the evaluation was recorded.
pub(super) struct Finish {
    pub(super) plan: Option<(Lease, MadeRelease)>,
    pub(super) channel_lock: Option<Lease>,
}
