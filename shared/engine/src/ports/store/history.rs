//! The history of evaluations.

use std::collections::BTreeMap;

use domain::history::{Evaluation, LastRelease, SeenChanges};
use domain::ids::{SpaceId, TriggerId};
use domain::time::Timestamp;

use super::StoreError;

/// The time of each trigger's last successful evaluation, by space and id.
pub type Successes = BTreeMap<(SpaceId, TriggerId), Timestamp>;

/// The last release of each trigger that had one, by space and id.
pub type LastReleases = BTreeMap<(SpaceId, TriggerId), LastRelease>;

/// The triggers' history.
pub trait History {
    /// Adds an evaluation. It is kept for 90 days; the newest of each trigger for 180 days.
    async fn record(&self, evaluation: &Evaluation) -> Result<(), StoreError> {
        self.record_seen(evaluation, None).await
    }

    /// As [`record`](Self::record), with the changes that the evaluation has considered; `None` keeps those of an earlier
    /// one.
    async fn record_seen(
        &self,
        evaluation: &Evaluation,
        seen: Option<SeenChanges>,
    ) -> Result<(), StoreError>;

    /// The changes that a completed evaluation of the trigger has considered.
    async fn seen_changes(
        &self,
        space: &SpaceId,
        trigger: &TriggerId,
    ) -> Result<Option<SeenChanges>, StoreError>;

    /// A trigger's evaluations, newest first, at most `most`.
    async fn recent(
        &self,
        space: &SpaceId,
        trigger: &TriggerId,
        most: usize,
    ) -> Result<Vec<Evaluation>, StoreError>;

    /// The newest evaluation of every trigger.
    async fn latest(&self) -> Result<Vec<Evaluation>, StoreError>;

    /// Each trigger's last successful evaluation. Triggers without one are absent.
    async fn last_successes(&self) -> Result<Successes, StoreError>;

    /// Each trigger's last release. Triggers without one are absent.
    async fn last_releases(&self) -> Result<LastReleases, StoreError>;
}
