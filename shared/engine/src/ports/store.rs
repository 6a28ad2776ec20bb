//! The stored state.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::budget::{BudgetKey, BudgetState, LimiterState};
use domain::definition::Definitions;
use domain::deployed_settings::DeployedSettings;
use domain::due::BackOff;
use domain::feed::Feed;
use domain::history::{Evaluation, LastRelease, SeenChanges};
use domain::ids::{ChannelId, FeedId, PackageId, PackageKey, ProjectId, SpaceId, TriggerId};
use domain::ledger::Entry;
use domain::plan::PlanKey;
use domain::snapshot::Snapshot;
use domain::time::Timestamp;
use domain::trigger::{Trigger, WatchList};
use domain::usage::Usage;

use super::feed::Validators;
use super::octopus::Documents;
use crate::messages::Announcement;

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

/// Pauses of feeds, packages and triggers after a failure.
pub trait Pauses {
    /// All pauses, including expired ones.
    async fn pauses(&self) -> Result<Vec<(PauseKey, BackOff)>, StoreError>;
    /// Sets or replaces one.
    async fn pause(&self, key: &PauseKey, state: &BackOff) -> Result<(), StoreError>;
    /// Removes a pause; no error if there is none.
    async fn resume(&self, key: &PauseKey) -> Result<(), StoreError>;
    /// Removes a pause that ended by then. A later one stays, because another invocation set it since.
    async fn resume_if_over(&self, key: &PauseKey, by: Timestamp) -> Result<(), StoreError>;
}

/// The subject of a pause.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PauseKey {
    /// A whole feed.
    Feed(SpaceId, FeedId),
    /// One package.
    Package(PackageKey),
    /// A trigger; it is evaluated again when the pause ends.
    Trigger(SpaceId, TriggerId),
}

/// The states of budgets. A budget without restrictions has no state.
pub trait Budgets {
    /// All pauses, including expired ones, and all budgets, in one read.
    async fn restraints(&self) -> Result<Restraints, StoreError>;

    /// Changes the current state of a budget. `change` maps the state to the next one; equal states are not
    /// written. After a conflict with another invocation it is called again.
    async fn change_budget(
        &self,
        key: &BudgetKey,
        change: impl Fn(Option<BudgetState>) -> Option<BudgetState>,
    ) -> Result<(), StoreError>;
}

/// The rate limiter of requests with Octopus's API key, which all processes with the key share.
pub trait RateLimiters {
    /// Changes the current state; equal states are not written. After a conflict with another invocation `change` is
    /// called again. Returns the state after the change. `None`: Octopus has shown no rate limit for a day.
    async fn change_rate_limiter(
        &self,
        change: impl Fn(Option<LimiterState>) -> Option<LimiterState>,
    ) -> Result<Option<LimiterState>, StoreError>;
}

/// Everything that delays requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restraints {
    /// Pauses of feeds, packages and triggers after failures.
    pub pauses: BTreeMap<PauseKey, BackOff>,
    /// States of budgets of hosts and credentials.
    pub budgets: BTreeMap<BudgetKey, BudgetState>,
    /// The limiter of Octopus's requests. `None`: Octopus has shown no rate limit for a day.
    pub limiter: Option<LimiterState>,
}

impl Restraints {
    /// The budget that the feed's reads count against, if it has a state.
    pub fn budget(&self, feed: &Feed) -> Option<(&BudgetKey, &BudgetState)> {
        self.budgets
            .iter()
            .find(|(key, state)| feed.budget(&state.access) == **key)
    }

    /// The failure of the last checks of a package: its feed's, or its own.
    pub fn read_failure(&self, key: &PackageKey) -> Option<&BackOff> {
        let feed = PauseKey::Feed(key.space.clone(), key.feed.clone());
        let of_feed = self.pauses.get(&feed);
        let failure = of_feed.or_else(|| self.pauses.get(&PauseKey::Package(key.clone())));
        failure.filter(|failure| failure.failures > 0)
    }

    /// The failure of a trigger's packages that began first.
    pub fn first_read_failure(&self, trigger: &Trigger) -> Option<&BackOff> {
        let failures = trigger.packages().filter_map(|key| self.read_failure(key));
        failures.min_by_key(|failure| failure.since.unwrap_or(failure.until))
    }
}

/// The head of a snapshot: the only part that a check of an unchanged package reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Each change adds one. Later writes are conditional on it.
    pub generation: u64,
    /// The revision of the row; each write adds one.
    pub revision: u64,
    /// The validators of the last reading.
    pub validators: Option<Validators>,
    /// The fingerprint of the last listing, to recognise an equal one without reading the body.
    pub fingerprint: String,
    /// Number of versions.
    pub count: usize,
    /// When the snapshot last changed.
    pub changed_at: Timestamp,
    /// The name of the body.
    pub body: String,
    /// The pending event (transactional outbox). It may have been published already.
    pub pending_event: Option<Box<Announcement>>,
    /// The platform of the digests; `None` for the digests of tags.
    pub platform: Option<String>,
    /// The fingerprint of a suspected listing, which lost most of its versions (shrink guard).
    pub suspected: Option<String>,
    /// The snapshot expires, because no trigger watched the package. Every later write clears this.
    pub is_retired: bool,
}

/// The next head of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextHead {
    /// The generation, plus one if the snapshot changed.
    pub generation: u64,
    /// The validators of this reading.
    pub validators: Option<Validators>,
    /// The fingerprint of this listing.
    pub fingerprint: String,
    /// The platform of the digests; `None` for the digests of tags.
    pub platform: Option<String>,
    /// When the snapshot changed.
    pub changed_at: Timestamp,
    /// The pending event of the change.
    pub pending_event: Option<Box<Announcement>>,
}

/// The stored state at the beginning of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The pause of the feed, if any.
    pub feed_pause: Option<BackOff>,
    /// The state of the feed's budget, if any.
    pub budget: Option<BudgetState>,
    /// The head of each package, in the order of the request.
    pub heads: Vec<Option<Head>>,
}

/// Reads snapshots.
pub trait SnapshotReader {
    /// The snapshot of a package with its generation, if it was ever read.
    async fn snapshot_with_generation(
        &self,
        package: &PackageKey,
    ) -> Result<Option<(Snapshot, u64)>, StoreError>;

    /// The snapshot of a package, if it was ever read.
    async fn snapshot(&self, package: &PackageKey) -> Result<Option<Snapshot>, StoreError> {
        let snapshot = self.snapshot_with_generation(package).await?;
        Ok(snapshot.map(|(snapshot, _)| snapshot))
    }
}

/// Reads and advances snapshots.
pub trait Snapshots {
    /// The heads of a feed's packages, the feed's pause and the state of its budget, in one consistent read.
    async fn open(
        &self,
        feed: &Feed,
        budget: &BudgetKey,
        packages: &[PackageId],
    ) -> Result<Opened, StoreError>;

    /// The snapshot of a head.
    async fn load(&self, package: &PackageKey, head: &Head) -> Result<Snapshot, StoreError>;

    /// Replaces the snapshot and the head together if the head is unchanged (`None`: if there is still none).
    /// A reader sees either the old pair or the new one.
    async fn advance(
        &self,
        package: &PackageKey,
        before: Option<&Head>,
        next: NextHead,
        snapshot: &Snapshot,
    ) -> Result<Head, SaveError>;

    /// Replaces the validators and clears a suspected listing, if the head is unchanged.
    async fn revalidate(
        &self,
        package: &PackageKey,
        head: &Head,
        validators: Option<Validators>,
    ) -> Result<(), SaveError>;

    /// Stores the fingerprint of a suspected listing, if the head is unchanged. The validators stay, so that the
    /// next read is a full one.
    async fn suspect(
        &self,
        package: &PackageKey,
        head: &Head,
        fingerprint: String,
    ) -> Result<(), SaveError>;

    /// Clears the pending event, if the head is unchanged.
    async fn settle(&self, package: &PackageKey, head: &Head) -> Result<Head, SaveError>;
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
