//! Reads the metadata of versions that an evaluation waits for, and stores it with the snapshot.
//!
//! The versions are not listed again. Metadata that is stored and valid is not read again, so a repeated request costs one
//! read of the store. A version whose metadata cannot be read is stored with the reason: the evaluation then decides
//! whether it waits.

use domain::budget::{BudgetKey, BudgetState};
use domain::metadata::{MetadataOf, ReadMetadata, VersionMetadata};
use domain::snapshot::{Changes, Snapshot};
use domain::time::{Span, Timestamp};

use super::{Check, CheckReport, Package};
use crate::messages::{Announcement, FeedCheck, Origin};
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
    /// Reads the requested metadata of packages. A feed that is throttled until a time is not asked.
    pub(super) async fn read_metadata(
        &self,
        request: &FeedCheck,
        packages: Vec<Package>,
        budget: (&BudgetKey, Option<&BudgetState>),
        throttled_until: Option<Timestamp>,
        origin: &Origin,
        report: &mut CheckReport,
    ) -> Result<(), StepError> {
        for package in packages {
            let read =
                self.read_metadata_of(request, &package, budget, throttled_until, origin, report);
            match read.await {
                // Another check changed the package; the evaluation requests the metadata again.
                Err(StepError::Save(SaveError::Conflict(_))) => {}
                other => other?,
            }
        }
        Ok(())
    }

    async fn read_metadata_of(
        &self,
        request: &FeedCheck,
        package: &Package,
        (budget, known_budget): (&BudgetKey, Option<&BudgetState>),
        throttled_until: Option<Timestamp>,
        origin: &Origin,
        report: &mut CheckReport,
    ) -> Result<(), StepError> {
        let Some(head) = &package.head else {
            return Ok(());
        };
        let snapshot = self.store.load(&package.key, head).await?;
        let missing = missing(package, &snapshot, self.clock.now());
        if missing.is_empty() {
            report.unchanged += 1;
            return Ok(());
        }
        let requests: Vec<_> = missing
            .iter()
            .map(|content| MetadataRequest {
                package: package.key.package.clone(),
                version: content.version.clone(),
                digest: content.digest.clone(),
                keys: content.keys.clone(),
            })
            .collect();
        let answer = match throttled_until {
            Some(until) => {
                let error = throttled(&request.feed.name, until, self.clock.now());
                MetadataAnswer::failed(&error, requests.len())
            }
            None => {
                let answer = self.reader.read_metadata(&request.feed, &requests).await;
                self.store_budget(budget, known_budget, &answer.cost())
                    .await?;
                answer
            }
        };
        let read = missing.into_iter().zip(answer.readings);
        self.store_metadata(request, package, head, snapshot, read, origin, report)
            .await
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one call, with the state of one package"
    )]
    async fn store_metadata(
        &self,
        request: &FeedCheck,
        package: &Package,
        head: &Head,
        mut snapshot: Snapshot,
        read: impl Iterator<Item = (MetadataOf, Result<VersionMetadata, FeedError>)>,
        origin: &Origin,
        report: &mut CheckReport,
    ) -> Result<(), StepError> {
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
        let generation = head.generation + 1;
        let feed_name = request.feed.name.clone();
        let announcement = Announcement::new(package.key.clone(), feed_name, generation, changes);
        let next = NextHead {
            generation,
            validators: head.validators.clone(),
            fingerprint: head.fingerprint.clone(),
            platform: head.platform.clone(),
            changed_at: head.changed_at,
            pending_event: Some(Box::new(announcement.clone())),
        };
        let head = self
            .store
            .advance(&package.key, Some(head), next, &snapshot)
            .await?;
        self.announce(&announcement, origin).await?;
        self.store.settle(&package.key, &head).await?;
        report.changed.push(announcement);
        Ok(())
    }
}

/// The requested contents of listed versions whose metadata is not stored, or must be read again.
fn missing(package: &Package, snapshot: &Snapshot, now: Timestamp) -> Vec<MetadataOf> {
    let requested = package.details.metadata_of.iter();
    let missing = requested.filter(|content| {
        let read = snapshot.metadata_of(content);
        snapshot.get(&content.version).is_some() && !read.is_some_and(|read| read.is_valid_at(now))
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
