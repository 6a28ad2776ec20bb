//! What is remembered between runs.

use std::collections::BTreeMap;

use domain::budget::{BudgetKey, BudgetState};
use domain::definition::Definitions;
use domain::due::BackOff;
use domain::feed::Feed;
use domain::history::{Evaluation, LastRelease};
use domain::ids::{ChannelId, FeedId, PackageId, PackageKey, ProjectId, SpaceId, TriggerId};
use domain::ledger::Entry;
use domain::plan::PlanKey;
use domain::snapshot::Snapshot;
use domain::time::Timestamp;
use domain::trigger::WatchList;
use domain::usage::Usage;

use super::feed::Validators;
use crate::messages::Announcement;

/// The store could not be read or written; the step fails and is repeated.
#[derive(Debug, thiserror::Error)]
#[error("cannot {operation} {subject}")]
pub struct StoreError {
    /// What was tried: `read`, `write`.
    pub operation: &'static str,
    /// On what.
    pub subject: String,
    /// The cause.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// A conditional write that was not made.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// What was read before has been changed by somebody else since.
    #[error("{0} was changed by somebody else in the meantime")]
    Conflict(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The watch list.
pub trait WatchLists {
    /// The list as last saved, if it ever was.
    async fn watch_list(&self) -> Result<Option<StoredWatchList>, StoreError>;
    /// Replaces the list.
    async fn save_watch_list(&self, list: &StoredWatchList) -> Result<(), StoreError>;
}

/// A watch list with the time at which it was read from Octopus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredWatchList {
    /// The list.
    pub list: WatchList,
    /// When it was read.
    pub read_at: Timestamp,
    /// The revision of the applied file that it was made with, if there was one.
    pub file: Option<u64>,
    /// The file was replaced since.
    pub is_outdated: bool,
}

/// The file of triggers that was applied here.
pub trait TriggerFiles {
    /// What was last applied, if anything ever was.
    async fn trigger_file(&self) -> Result<Option<AppliedFile>, StoreError>;

    /// Replaces what was applied, if it is still at the given revision (`None`: if nothing was applied
    /// yet). The triggers are read anew with the next round of the schedule.
    async fn apply_trigger_file(
        &self,
        definitions: &Definitions,
        revision: Option<u64>,
    ) -> Result<(), SaveError>;
}

/// A file of triggers as it was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppliedFile {
    /// What it asks for.
    pub definitions: Definitions,
    /// When it was applied.
    pub applied_at: Timestamp,
    /// The store's revision of it, which counts every write.
    pub revision: u64,
}

/// The scheduler's memory.
pub trait SchedulerRuns {
    /// The last round that was published in full.
    async fn last_run(&self) -> Result<Option<SchedulerRun>, StoreError>;
    /// Remembers a round.
    async fn remember_run(&self, tick: &SchedulerRun) -> Result<(), StoreError>;
}

/// A round, and what was asked for in all rounds so far. Two rounds at once may count as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchedulerRun {
    /// When it was published in full.
    pub at: Timestamp,
    /// What was asked for until then; nothing if that was not counted yet.
    pub counted: Option<Usage>,
}

/// Feeds, packages and triggers that are left alone until some time after a failure.
pub trait Pauses {
    /// All that there are, expired ones too.
    async fn pauses(&self) -> Result<Vec<(PauseKey, BackOff)>, StoreError>;
    /// Sets or replaces one.
    async fn pause(&self, key: &PauseKey, state: &BackOff) -> Result<(), StoreError>;
    /// Takes one away; nothing happens if there is none.
    async fn resume(&self, key: &PauseKey) -> Result<(), StoreError>;
    /// Takes one away if it was over by then. One that goes on stays: somebody has set it since.
    async fn resume_if_over(&self, key: &PauseKey, by: Timestamp) -> Result<(), StoreError>;
}

/// What is paused.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PauseKey {
    /// A whole feed.
    Feed(SpaceId, FeedId),
    /// One package.
    Package(PackageKey),
    /// A trigger: it is evaluated again when the pause is over.
    Trigger(SpaceId, TriggerId),
}

/// Budgets that are to be spared; those that are well have no state.
pub trait Budgets {
    /// Everything that holds back requests: all pauses, expired ones too, and the budgets, in one read.
    async fn restraints(&self) -> Result<Restraints, StoreError>;

    /// Changes the state of a budget as it is now: `change` is given the state and gives the next one, and
    /// nothing is written if they are equal. Called again where somebody else was faster.
    async fn change_budget(
        &self,
        key: &BudgetKey,
        change: impl Fn(Option<BudgetState>) -> Option<BudgetState>,
    ) -> Result<(), StoreError>;
}

/// What holds back requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restraints {
    /// After failures, of feeds, packages and triggers.
    pub pauses: BTreeMap<PauseKey, BackOff>,
    /// Of hosts and credentials.
    pub budgets: BTreeMap<BudgetKey, BudgetState>,
}

impl Restraints {
    /// The state of the budget that the feed is counted with, if that is to be spared.
    pub fn budget(&self, feed: &Feed) -> Option<(&BudgetKey, &BudgetState)> {
        self.budgets
            .iter()
            .find(|(key, state)| feed.budget(&state.access) == **key)
    }
}

/// The small part of a snapshot, which is all that an unchanged check reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Counts up by one with each change; what later writes are conditioned on.
    pub generation: u64,
    /// The store's own revision of the row, which counts every write.
    pub revision: u64,
    /// From the last reading.
    pub validators: Option<Validators>,
    /// The fingerprint of the last listing, to tell an equal one without reading the body.
    pub fingerprint: String,
    /// How many versions the snapshot holds.
    pub count: usize,
    /// When the snapshot last changed.
    pub changed_at: Timestamp,
    /// The name of the body.
    pub body: String,
    /// The announcement that is owed and may not have been made.
    pub pending_event: Option<Box<Announcement>>,
    /// The platform whose images the digests are of, if they are of one's.
    pub platform: Option<String>,
    /// The fingerprint of a listing that was read since and not believed, because too much was gone.
    pub suspected: Option<String>,
}

/// The head to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextHead {
    /// One more than before if the snapshot changed, else the same.
    pub generation: u64,
    /// From this reading.
    pub validators: Option<Validators>,
    /// Of this listing.
    pub fingerprint: String,
    /// The platform whose images the digests are of, if they are of one's.
    pub platform: Option<String>,
    /// When the snapshot changed.
    pub changed_at: Timestamp,
    /// What is owed from now on.
    pub pending_event: Option<Box<Announcement>>,
}

/// What a check starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Whether the feed is being left alone.
    pub feed_pause: Option<BackOff>,
    /// Whether the budget that it is counted with is to be spared.
    pub budget: Option<BudgetState>,
    /// The head of each package, in the order asked for.
    pub heads: Vec<Option<Head>>,
}

/// Reads snapshots.
pub trait SnapshotReader {
    /// The whole snapshot of a package, if it has ever been read.
    async fn snapshot(&self, package: &PackageKey) -> Result<Option<Snapshot>, StoreError>;
}

/// Reads and advances snapshots.
pub trait Snapshots {
    /// The heads of a feed's packages, the feed's pause and the state of its budget, in one read, as of now
    /// and not before.
    async fn open(
        &self,
        feed: &Feed,
        budget: &BudgetKey,
        packages: &[PackageId],
    ) -> Result<Opened, StoreError>;

    /// The snapshot that the head belongs to.
    async fn load(&self, package: &PackageKey, head: &Head) -> Result<Snapshot, StoreError>;

    /// Replaces the snapshot and the head together, if the head is still the one that was read
    /// (`None`: if there is still none). A reader sees either the old pair or the new one.
    async fn advance(
        &self,
        package: &PackageKey,
        before: Option<&Head>,
        next: NextHead,
        snapshot: &Snapshot,
    ) -> Result<Head, SaveError>;

    /// Replaces the validators, if the head is still the one that was read. What was doubted is forgotten.
    async fn revalidate(
        &self,
        package: &PackageKey,
        head: &Head,
        validators: Option<Validators>,
    ) -> Result<(), SaveError>;

    /// Remembers the fingerprint of a listing that is not believed yet, if the head is still the one that
    /// was read. All else stays, the validators too, so that the feed is read in full again.
    async fn suspect(
        &self,
        package: &PackageKey,
        head: &Head,
        fingerprint: String,
    ) -> Result<(), SaveError>;

    /// Strikes off the announcement that is owed, if the head is still the one that was read.
    async fn settle(&self, package: &PackageKey, head: &Head) -> Result<Head, SaveError>;
}

/// The ledger of plans and lanes.
pub trait Ledger {
    /// The entry, as of now and not before, with the store's revision of it.
    async fn entry(&self, id: &LedgerId) -> Result<Option<(Entry, u64)>, StoreError>;

    /// Writes an entry, if it is still at the given revision (`None`: if there is still none). It is
    /// kept until `expires` at least. Gives the new revision.
    async fn put(
        &self,
        id: &LedgerId,
        entry: &Entry,
        revision: Option<u64>,
        expires: Timestamp,
    ) -> Result<u64, SaveError>;

    /// Takes an entry away, if it is still at the given revision.
    async fn release(&self, id: &LedgerId, revision: u64) -> Result<(), SaveError>;
}

/// What an entry is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum LedgerId {
    /// A plan.
    Plan(PlanKey),
    /// The lane of a channel.
    ChannelLock(SpaceId, ProjectId, ChannelId),
}

/// When triggers were last evaluated with success, by space and id.
pub type Successes = BTreeMap<(SpaceId, TriggerId), Timestamp>;

/// The last release of each trigger that ever had one, by space and id.
pub type LastReleases = BTreeMap<(SpaceId, TriggerId), LastRelease>;

/// The triggers' history.
pub trait History {
    /// Adds an evaluation. Kept for 90 days, the newest of each trigger always.
    async fn record(&self, evaluation: &Evaluation) -> Result<(), StoreError>;

    /// A trigger's evaluations, newest first, at most `most`.
    async fn recent(
        &self,
        space: &SpaceId,
        trigger: &TriggerId,
        most: usize,
    ) -> Result<Vec<Evaluation>, StoreError>;

    /// The newest evaluation of every trigger that was ever evaluated.
    async fn latest(&self) -> Result<Vec<Evaluation>, StoreError>;

    /// When each trigger was last evaluated with success. Triggers that never were are absent.
    async fn last_successes(&self) -> Result<Successes, StoreError>;

    /// The last release of each trigger, made or found made. Triggers that never had one are absent.
    async fn last_releases(&self) -> Result<LastReleases, StoreError>;
}
