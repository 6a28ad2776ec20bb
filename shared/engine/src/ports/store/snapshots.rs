//! Snapshots of packages.

use domain::budget::{BudgetKey, BudgetState};
use domain::due::BackOff;
use domain::feed::Feed;
use domain::ids::{PackageId, PackageKey};
use domain::snapshot::Snapshot;
use domain::time::Timestamp;

use super::{SaveError, StoreError};
use crate::messages::Announcement;
use crate::ports::feed::Validators;

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
