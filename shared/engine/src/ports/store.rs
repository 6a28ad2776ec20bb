//! The stored state.

mod history;
mod ledger;
mod restraints;
mod snapshots;
mod webhook_requests;

pub use history::{History, LastReleases, Successes};
pub use ledger::{Ledger, LedgerId, LedgerRow};
pub use restraints::{Budgets, PauseKey, Pauses, RateLimiters, Restraints};
pub use snapshots::{Head, NextHead, Opened, SnapshotReader, Snapshots};
pub use webhook_requests::WebhookRequests;

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::definition::Definitions;
use domain::deployed_settings::DeployedSettings;
use domain::ids::{SpaceId, TriggerId};
use domain::time::Timestamp;
use domain::trigger::WatchList;
use domain::usage::Usage;

use super::octopus::Documents;

/// A failed read or write of the store. The step fails and is repeated.
#[derive(Debug, thiserror::Error)]
#[error("cannot {operation} {subject}")]
pub struct StoreError {
    /// The failed operation: `read`, `write`.
    pub operation: &'static str,
    /// The row or rows.
    pub subject: String,
    /// The cause.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// A conditional write that was not made.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// Another invocation changed the row since it was read.
    #[error("{0} was changed by another invocation meanwhile")]
    Conflict(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The watch list.
pub trait WatchLists {
    /// The stored list, if any.
    async fn watch_list(&self) -> Result<Option<StoredWatchList>, StoreError>;
    /// Replaces the list if it still has the revision of `list` (`None`: if no list was stored yet). The snapshots of
    /// packages that only the replaced list contains expire.
    async fn save_watch_list(&self, list: &StoredWatchList) -> Result<(), SaveError>;
}

/// A stored watch list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredWatchList {
    /// The list. Its readers share it.
    pub list: Arc<WatchList>,
    /// The triggers that are new or changed in it. Each is evaluated soon, also if the run that stored the list ends
    /// before it requests that.
    pub changed: BTreeSet<(SpaceId, TriggerId)>,
    /// When it was read from Octopus. A refresh that finds it unchanged leaves the time as it is; see
    /// [`refreshed_at`](Self::refreshed_at).
    pub read_at: Timestamp,
    /// The revision of the trigger file that it contains, if any.
    pub file: Option<u64>,
    /// Another file was applied since.
    pub is_outdated: bool,
    /// The progress of the refresh, if it ended early. The next scheduler run continues it.
    pub progress: Option<RefreshProgress>,
    /// The revision of the stored list, or of the list that this one replaces; each write adds one. `None` if there is
    /// none.
    pub revision: Option<u64>,
}

impl StoredWatchList {
    /// When the list was last compared with Octopus: when it was stored, or in a later refresh that found it unchanged.
    pub fn refreshed_at(&self, last: Option<&SchedulerRun>) -> Timestamp {
        let confirmed = last.and_then(|run| run.list_confirmed_at);
        confirmed.map_or(self.read_at, |at| at.max(self.read_at))
    }
}

/// The progress of a refresh that ended early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshProgress {
    /// When the refresh began.
    pub started: Timestamp,
    /// The triggers that were read.
    pub done: BTreeSet<(SpaceId, TriggerId)>,
}

/// The applied trigger file.
pub trait TriggerFiles {
    /// The applied file, if any.
    async fn trigger_file(&self) -> Result<Option<AppliedFile>, StoreError>;

    /// Replaces the applied file if it still has the given revision (`None`: if no file was applied yet). The
    /// next scheduler run refreshes the watch list.
    async fn apply_trigger_file(
        &self,
        definitions: &Definitions,
        revision: Option<u64>,
    ) -> Result<(), SaveError>;
}

/// A trigger file as it was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppliedFile {
    pub definitions: Definitions,
    /// When it was applied.
    pub applied_at: Timestamp,
    /// The revision of its row; each write adds one.
    pub revision: u64,
}

/// The stored scheduler runs.
pub trait SchedulerRuns {
    /// The last completely published run.
    async fn last_run(&self) -> Result<Option<SchedulerRun>, StoreError>;
    /// Stores a run.
    async fn remember_run(&self, run: &SchedulerRun) -> Result<(), StoreError>;
}

/// A scheduler run, and the requested work of all runs so far. Two concurrent runs may count as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchedulerRun {
    /// When it was published.
    pub at: Timestamp,
    /// When the watch list was read whose new triggers were requested; `None` in rows of older versions.
    pub list_read_at: Option<Timestamp>,
    /// When a refresh last found the stored watch list unchanged, which writes nothing but this.
    pub list_confirmed_at: Option<Timestamp>,
    /// When stalled triggers were last searched and published; `None` in rows of older versions.
    pub stalls_searched_at: Option<Timestamp>,
    /// The requested work until then; `None` if it was not counted yet.
    pub counted: Option<Usage>,
}

/// The settings of the stack's deployments.
pub trait SettingsRecord {
    /// The settings of the last deployment; `None` if none were recorded, as on one machine.
    async fn deployed_settings(&self) -> Result<Option<DeployedSettings>, StoreError>;
    /// Replaces the record.
    async fn record_settings(&self, settings: &DeployedSettings) -> Result<(), StoreError>;
}

/// Copies of the documents of triggers' projects.
pub trait DocumentCache {
    /// The copy of a trigger, if it has this [fingerprint](crate::documents::fingerprint).
    async fn documents(
        &self,
        space: &SpaceId,
        trigger: &TriggerId,
        fingerprint: &str,
    ) -> Result<Option<Documents>, StoreError>;

    /// Replaces the copy of a trigger. A copy that is too large for a row is not kept.
    async fn keep_documents(
        &self,
        space: &SpaceId,
        trigger: &TriggerId,
        fingerprint: &str,
        documents: &Documents,
    ) -> Result<(), StoreError>;
}
