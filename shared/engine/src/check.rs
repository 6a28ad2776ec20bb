//! Step 2: reads packages of one feed and publishes their changes.
//!
//! The input is a `FeedCheckRequested`. For each package whose listing differs from its snapshot, one
//! conditional write stores the new snapshot **and** its pending event (transactional outbox); then the check
//! publishes the event; then it clears the pending event. A check that finds a pending event publishes it
//! first. So a crash at any point may repeat an announcement and never loses one, and the subscriber of an
//! announcement finds the snapshot that it names. An unchanged package costs one read, no write and no
//! message. The failure of one package does not affect the others.
//!
//! Shrink guard: a listing that lost most of its versions is suspected, and replaces the old snapshot only
//! after a second check confirms it.

mod batches;
mod budget;
mod details;
mod failure;
mod fingerprint;
mod metadata;
mod package;
mod take;

use batches::{LAST_START, batches, out_of_time};
pub use budget::update_budget;
use package::Package;

use domain::budget::{BudgetKey, BudgetState};
use domain::ids::PackageKey;
use domain::time::Timestamp;

use crate::StepError;
use crate::messages::{Announcement, Event, FeedCheck, Message, Origin};
use crate::ports::{
    Budgets, Bus, Clock, FeedError, FeedErrorKind, FeedReader, Head, History, Opened, PauseKey,
    Pauses, Reading, Routes, SaveError, Snapshots, WatchLists,
};

pub struct Check<'a, S, R, B, C> {
    pub store: &'a S,
    pub reader: &'a R,
    pub bus: &'a B,
    pub clock: &'a C,
}

/// The outcome of a check.
#[derive(Debug, Default)]
pub struct CheckReport {
    /// Whether nothing was read, because the schedule has requested a newer check of the packages.
    pub is_superseded: bool,
    /// The end of the feed's throttling, if no request was sent because of it.
    pub throttled_until: Option<Timestamp>,
    /// Number of unchanged packages.
    pub unchanged: usize,
    /// The announcements of the changed packages.
    pub changed: Vec<Announcement>,
    /// Packages whose listing is suspected, because it lost most of its versions.
    pub suspected: Vec<PackageKey>,
    /// Number of pending events of earlier checks that this check published.
    pub pending_events_published: usize,
    /// Packages that could not be read.
    pub failed: Vec<(PackageKey, FeedError)>,
    /// Number of versions in full listings.
    pub versions: usize,
}

impl CheckReport {
    /// Whether the whole feed failed.
    fn has_failed_feed(&self) -> bool {
        let mut errors = self.failed.iter().map(|(_, error)| error.kind);
        errors.any(FeedErrorKind::concerns_feed)
    }
}

/// The request for metadata of some packages of a feed.
struct MetadataCheck<'c> {
    request: &'c FeedCheck,
    budget: (&'c BudgetKey, Option<&'c BudgetState>),
    /// The end of the feed's throttling. It is not asked before.
    throttled_until: Option<Timestamp>,
    origin: &'c Origin,
}

impl<S, R, B, C> Check<'_, S, R, B, C>
where
    S: Snapshots + Budgets + Pauses + WatchLists + History,
    R: FeedReader + Routes,
    B: Bus,
    C: Clock,
{
    /// Checks the packages of the request, unless a newer request of the schedule has replaced it.
    ///
    /// # Errors
    /// When the store or the bus fails. An error of the feed is not an error of the step: it is reported, and
    /// the feed or package is paused.
    pub async fn run(
        &self,
        request: &FeedCheck,
        origin: &Origin,
    ) -> Result<CheckReport, StepError> {
        let is_past = |at: Timestamp| at <= self.clock.now();
        if request.superseded_at.is_some_and(is_past) {
            return Ok(CheckReport {
                is_superseded: true,
                ..CheckReport::default()
            });
        }
        let feed = &request.feed;
        self.reader.prepare(std::slice::from_ref(feed)).await;
        let budget = feed.budget(&self.reader.access());
        let opened = self.store.open(feed, &budget, &request.packages).await?;
        let throttled_until = throttled_until(&opened, self.clock.now());
        let was_paused = request.feed_retrying || opened.feed_pause.is_some();
        let mut report = CheckReport::default();
        let packages = self
            .publish_pending_events(request, opened.heads, origin, &mut report)
            .await?;
        let known_budget = (&budget, opened.budget.as_ref());
        let is_of_metadata = |package: &Package| !package.details.metadata_of.is_empty();
        let (of_metadata, packages): (Vec<_>, Vec<_>) =
            packages.into_iter().partition(is_of_metadata);
        if !of_metadata.is_empty() {
            let check = MetadataCheck {
                request,
                budget: known_budget,
                throttled_until,
                origin,
            };
            let read = self.read_metadata(check, of_metadata, &mut report);
            // Boxed, because the future is large and nearly all checks have no such packages.
            Box::pin(read).await?;
            if packages.is_empty() {
                return Ok(report);
            }
        }
        if let Some(until) = throttled_until {
            report.throttled_until = Some(until);
            return Ok(report);
        }
        let started = self.clock.now();
        for batch in batches(feed, &request.retrying, packages) {
            if self.clock.now().since(started) > LAST_START {
                let failed = batch.into_iter().map(|package| {
                    let error = out_of_time(feed, &package.key.package);
                    (package.key, error)
                });
                report.failed.extend(failed);
                continue;
            }
            self.read_batch(request, batch, known_budget, origin, &mut report)
                .await?;
            // The feed is paused, with all of its packages.
            if report.has_failed_feed() {
                break;
            }
        }
        self.settle_failures(request, was_paused, origin, &report)
            .await?;
        Ok(report)
    }

    /// Reads packages and stores their readings.
    async fn read_batch(
        &self,
        request: &FeedCheck,
        mut packages: Vec<Package>,
        (budget, known_budget): (&BudgetKey, Option<&BudgetState>),
        origin: &Origin,
        report: &mut CheckReport,
    ) -> Result<(), StepError> {
        for package in &mut packages {
            package.known = self.known(package).await?;
        }
        let requests: Vec<_> = packages.iter().map(Package::request).collect();
        let answer = self.reader.read(&request.feed, &requests).await;
        drop(requests);
        self.store_budget(budget, known_budget, &answer).await?;
        for (mut package, reading) in packages.into_iter().zip(answer.readings) {
            self.handle_reading(request, &mut package, reading, origin, report)
                .await?;
        }
        Ok(())
    }

    /// Publishes the pending events of earlier checks. A package that another check is changing at the same
    /// time is left to that check.
    async fn publish_pending_events(
        &self,
        request: &FeedCheck,
        heads: Vec<Option<Head>>,
        origin: &Origin,
        report: &mut CheckReport,
    ) -> Result<Vec<Package>, StepError> {
        let mut packages = Vec::with_capacity(heads.len());
        for (package, mut head) in request.packages.iter().zip(heads) {
            let key = PackageKey {
                space: request.feed.space.clone(),
                feed: request.feed.id.clone(),
                package: package.clone(),
            };
            if let Some(pending) = &head
                && let Some(pending_event) = &pending.pending_event
            {
                let published = self
                    .publish_pending_event(&key, pending, pending_event, origin, report)
                    .await;
                if let Err(StepError::Save(SaveError::Conflict(_))) = published {
                    continue;
                }
                head = Some(published?);
            }
            packages.push(Package {
                key,
                head,
                details: request.details.get(package).cloned().unwrap_or_default(),
                known: None,
            });
        }
        Ok(packages)
    }

    async fn publish_pending_event(
        &self,
        key: &PackageKey,
        head: &Head,
        pending_event: &Announcement,
        origin: &Origin,
        report: &mut CheckReport,
    ) -> Result<Head, StepError> {
        self.announce(pending_event, origin).await?;
        report.pending_events_published += 1;
        Ok(self.store.settle(key, head).await?)
    }

    /// Stores the reading of one package.
    async fn handle_reading(
        &self,
        request: &FeedCheck,
        package: &mut Package,
        reading: Result<Reading, FeedError>,
        origin: &Origin,
        report: &mut CheckReport,
    ) -> Result<(), StepError> {
        let reading = match reading {
            Ok(reading) => reading,
            Err(error) => {
                report.failed.push((package.key.clone(), error));
                return Ok(());
            }
        };
        let was_paused = request.retrying.contains(&package.key.package);
        let paused = was_paused.then(|| PauseKey::Package(package.key.clone()));
        let stored = self.store_reading(&request.feed, package, reading, origin, report);
        match (stored.await, paused) {
            (Ok(()), Some(paused)) => self.store.resume(&paused).await?,
            // Another check of the same package was faster, and publishes its change.
            (Ok(()) | Err(StepError::Save(SaveError::Conflict(_))), _) => {}
            (Err(error), _) => return Err(error),
        }
        Ok(())
    }
}

impl<S, R, B: Bus, C: Clock> Check<'_, S, R, B, C> {
    async fn announce(
        &self,
        pending_event: &Announcement,
        origin: &Origin,
    ) -> Result<(), StepError> {
        let generation = pending_event.generation.to_string();
        let package = &pending_event.package;
        let unique = [
            package.space.as_str(),
            package.feed.as_str(),
            package.package.as_str(),
            &generation,
        ];
        let event = Event::PackageVersionsChanged(pending_event.clone());
        self.bus
            .publish(&[Message::new(origin, event, &unique, self.clock.now())])
            .await?;
        Ok(())
    }
}

/// The end of the feed's throttling, by its own pause or by the budget that it shares. No request may be sent
/// before. A pause after a failure does not count: a caller with a reason may try earlier.
pub fn throttled_until(opened: &Opened, now: Timestamp) -> Option<Timestamp> {
    let of_feed = opened
        .feed_pause
        .as_ref()
        .filter(|pause| pause.throttled && !pause.is_over(now))
        .map(|pause| pause.until);
    let of_budget = opened.budget.as_ref();
    of_feed.max(of_budget.and_then(|state| state.throttled_until(now)))
}
