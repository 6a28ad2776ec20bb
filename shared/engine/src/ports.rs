//! The ports of the steps, in the domain's terms and split by need: a reader cannot write. Calls may be
//! repeated with the same arguments, so every implementation is idempotent.

mod caller;
mod catalogue;
mod feed;
mod octopus;
mod store;

pub use caller::{Caller, Permissions, ServerFacts, UserFacts};
pub use catalogue::{Catalogue, ListedChannel, NativeDraft, TriggerCreator, TriggerOwnership};
pub use feed::{
    FeedAnswer, FeedError, FeedErrorKind, FeedReader, MetadataAnswer, MetadataRequest,
    NEWEST_WITH_DIGESTS, QuotaLeft, ReadRequest, Reading, Routes, Validators,
};
pub use octopus::{
    Channel, Documents, NativeTrigger, OctopusError, OctopusErrorKind, OctopusReader, Process,
    Project, Release, ReleaseCreator, ReleasedProcess, Space,
};
pub use store::{
    AppliedFile, Budgets, DocumentCache, Head, History, LastReleases, Ledger, LedgerId, LedgerRow,
    NextHead, Opened, PauseKey, Pauses, RateLimiters, RefreshProgress, Restraints, SaveError,
    SchedulerRun, SchedulerRuns, SettingsRecord, SnapshotReader, Snapshots, StoreError,
    StoredWatchList, Successes, TriggerFiles, WatchLists, WebhookRequests,
};

use domain::time::Timestamp;

use crate::messages::Message;

/// Returns the time.
pub trait Clock {
    fn now(&self) -> Timestamp;
}

/// Publishes messages.
pub trait Bus {
    /// Publishes all messages. Each is delivered at least once, in any order.
    ///
    /// # Errors
    /// When a message was not accepted after the adapter's own retries. Accepted messages stay published; the
    /// caller publishes all of them again.
    async fn publish(&self, messages: &[Message]) -> Result<(), BusError>;
}

/// Messages that the bus did not accept.
#[derive(Debug, thiserror::Error)]
#[error("{failed} of {total} messages were not accepted by the bus: {reason}")]
pub struct BusError {
    /// Number of messages that were not accepted.
    pub failed: usize,
    /// Number of those among them that can never be published, because they are too large for the bus.
    pub unencodable: usize,
    /// Number of messages.
    pub total: usize,
    /// The reason of the bus.
    pub reason: String,
    /// The cause.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl BusError {
    /// Whether all other messages were published, and a repetition cannot publish more.
    pub fn is_permanent(&self) -> bool {
        self.failed == self.unencodable
    }
}
