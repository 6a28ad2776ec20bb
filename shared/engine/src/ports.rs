//! What the steps need from the world, in the domain's words, split by need: who is given a reader
//! cannot write. Implementations may be called again with the same arguments and must do no harm then.

mod caller;
mod catalogue;
mod feed;
mod octopus;
mod store;

pub use caller::{Caller, Permissions, ServerFacts, UserFacts};
pub use catalogue::{Catalogue, ListedChannel, NativeDraft, TriggerCreator};
pub use feed::{
    FeedAnswer, FeedError, FeedErrorKind, FeedReader, NEWEST_WITH_DIGESTS, QuotaLeft, ReadRequest,
    Reading, Routes, Validators,
};
pub use octopus::{
    Channel, NativeTrigger, OctopusError, OctopusErrorKind, OctopusReader, Process, Project,
    Release, ReleaseCreator, Space,
};
pub use store::{
    AppliedFile, Budgets, Head, History, LastReleases, Ledger, LedgerId, NextHead, Opened,
    PauseKey, Pauses, Restraints, SaveError, SchedulerRun, SchedulerRuns, SnapshotReader,
    Snapshots, StoreError, StoredWatchList, Successes, TriggerFiles, WatchLists,
};

use domain::time::Timestamp;

use crate::messages::Message;

/// The time.
pub trait Clock {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// Where messages go.
pub trait Bus {
    /// Publishes all messages. Each is delivered at least once, in any order.
    ///
    /// # Errors
    /// When any message was not accepted after the adapter's own retries; those accepted stay published,
    /// so the caller publishes all again.
    async fn publish(&self, messages: &[Message]) -> Result<(), BusError>;
}

/// Messages that the bus did not take.
#[derive(Debug, thiserror::Error)]
#[error("{failed} of {total} messages were not accepted by the bus: {reason}")]
pub struct BusError {
    /// How many were not accepted.
    pub failed: usize,
    /// How many there were.
    pub total: usize,
    /// What the bus said.
    pub reason: String,
    /// The cause.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}
