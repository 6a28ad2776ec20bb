//! Reads the metadata of versions that an evaluation waits for, and stores it with the snapshot.
//!
//! The versions are not listed again. Metadata that is stored and valid is not read again, so a repeated request costs one
//! read of the store. An unfinished scan is read again, because an event may report that it is finished. A version whose
//! metadata cannot be read is stored with the reason: the evaluation then decides whether it waits.

use domain::metadata::{MetadataOf, ReadMetadata, VersionMetadata};
use domain::snapshot::{Changes, Snapshot};
use domain::time::{Span, Timestamp};

use super::{Check, CheckReport, MetadataCheck, Package};
use crate::messages::{Announcement, Origin};
use crate::ports::{
    Budgets, Bus, Clock, FeedError, FeedErrorKind, FeedReader, Head, MetadataAnswer,
    MetadataRequest, NextHead, Routes, SaveError, Snapshots,
};
use crate::{StepError, with_causes};

/// When a failed read is repeated, if the feed names no time.
const RETRY_AFTER: Span = Span::from_minutes(5);

/// When a read is repeated that fails until a user corrects something. Also the longest wait.
const RETRY_MISCONFIGURED: Span = Span::from_hours(1);

/// The longest stored reason, in characters.
const MAX_REASON: usize = 500;

impl<S, R, B, C> Check<'_, S, R, B, C>
where
    S: Snapshots + Budgets,
    R: FeedReader + Routes,
    B: Bus,
    C: Clock,
{
    /// Reads the requested metadata of packages.
    pub(super) async fn read_metadata(
        &self,
        check: MetadataCheck<'_>,
        packages: Vec<Package>,
        report: &mut CheckReport,
    ) -> Result<(), StepError> {
        for package in packages {
            let Some(head) = &package.head else {
                continue;
            };
            match self.read_metadata_of(&check, &package, head).await {
                Ok(None) => report.unchanged += 1,
                Ok(Some(announcement)) => report.changed.push(announcement),
                // Another check changed the package; the evaluation requests the metadata again.
                Err(StepError::Save(SaveError::Conflict(_))) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Reads the metadata of a package, stores and announces it. `None`: nothing is to be read.
    async fn read_metadata_of(
        &self,
        check: &MetadataCheck<'_>,
        package: &Package,
        head: &Head,
    ) -> Result<Option<Announcement>, StepError> {
        let snapshot = self.store.load(&package.key, head).await?;
        let missing = missing(package, &snapshot, self.clock.now());
        if missing.is_empty() {
            return Ok(None);
        }
        let requests: Vec<_> = missing
            .iter()
            .map(|content| MetadataRequest {
                package: package.key.package.clone(),
                version: content.version.clone(),
                digest: content.digest.clone(),
                keys: content.keys.clone(),
                record: content.record.clone(),
            })
            .collect();
        let feed = &check.request.feed;
        let answer = match check.throttled_until {
            Some(until) => {
                let error = throttled(&feed.name, until, self.clock.now());
                MetadataAnswer::failed(&error, requests.len())
            }
            None => {
                let answer = self.reader.read_metadata(feed, &requests).await;
                let (budget, known) = check.budget;
                self.store_budget(budget, known, &answer.cost()).await?;
                answer
            }
        };
        let read = missing.into_iter().zip(answer.readings);
        let (snapshot, changes) = self.with_metadata(snapshot, read);
        let generation = head.generation + 1;
        let announcement =
            Announcement::new(package.key.clone(), feed.name.clone(), generation, changes);
        self.store_metadata(package, head, &snapshot, &announcement, check.origin)
            .await?;
        Ok(Some(announcement))
    }

    /// The snapshot with the metadata that was read, or the reasons why it could not be read.
    fn with_metadata(
        &self,
        mut snapshot: Snapshot,
        read: impl Iterator<Item = (MetadataOf, Result<VersionMetadata, FeedError>)>,
    ) -> (Snapshot, Changes) {
        let now = self.clock.now();
        let mut changes = Changes::default();
        for (content, result) in read {
            let retry_after = result.as_ref().err().map_or(RETRY_AFTER, retry_after);
            let result =
                result.map_err(|error| with_causes(&error).chars().take(MAX_REASON).collect());
            changes.metadata_read.push(content.version.clone());
            let read = ReadMetadata::new(content.digest.clone(), result, now, retry_after);
            let read = read.with_keys_of(&content);
            snapshot.add_metadata(&content.version, read);
        }
        changes.metadata_read.sort_unstable();
        changes.metadata_read.dedup();
        (snapshot, changes)
    }

    async fn store_metadata(
        &self,
        package: &Package,
        head: &Head,
        snapshot: &Snapshot,
        announcement: &Announcement,
        origin: &Origin,
    ) -> Result<(), StepError> {
        let next = NextHead {
            generation: announcement.generation,
            validators: head.validators.clone(),
            fingerprint: head.fingerprint.clone(),
            platform: head.platform.clone(),
            changed_at: head.changed_at,
            pending_event: Some(Box::new(announcement.clone())),
        };
        let head = self
            .store
            .advance(&package.key, Some(head), next, snapshot)
            .await?;
        self.announce(announcement, origin).await?;
        self.store.settle(&package.key, &head).await?;
        Ok(())
    }
}

/// The requested contents of listed versions whose metadata is not stored, or must be read again.
fn missing(package: &Package, snapshot: &Snapshot, now: Timestamp) -> Vec<MetadataOf> {
    let requested = package.details.metadata_of.iter();
    let missing = requested.filter(|content| {
        let read = snapshot.metadata_of(content);
        snapshot.get(&content.version).is_some()
            && read.is_none_or(|read| read.is_read_again_at(now))
    });
    missing.cloned().collect()
}

fn throttled(feed: &str, until: Timestamp, now: Timestamp) -> FeedError {
    FeedError {
        message: format!("feed {feed:?}: throttled until {until}; no request was sent"),
        kind: FeedErrorKind::Throttled(Some(until.since(now))),
        source: None,
    }
}

fn retry_after(error: &FeedError) -> Span {
    match error.kind {
        FeedErrorKind::Throttled(Some(span)) => span.clamp(RETRY_AFTER, RETRY_MISCONFIGURED),
        FeedErrorKind::Misconfigured | FeedErrorKind::Forbidden | FeedErrorKind::Denied => {
            RETRY_MISCONFIGURED
        }
        _ => RETRY_AFTER,
    }
}
