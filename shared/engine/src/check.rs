//! Step 2: read packages of one feed, and announce what changed.
//!
//! In goes a `FeedCheckRequested`. For each package whose listing differs from its snapshot, one
//! conditioned write holds the new snapshot **and** the announcement that it owes; then the announcement
//! is published; then the debt is struck off. A check that finds a debt pays it first. So a crash
//! anywhere repeats an announcement and loses none, and whoever receives one finds the snapshot that it
//! speaks of. Unchanged: one read, no write, no message. One package's failure fails no other.
//!
//! A listing that has lost most of what was there is believed only when it is read a second time; until
//! then the old snapshot stands.

mod budget;
mod details;
mod failure;
mod fingerprint;
mod take;

pub use budget::update_budget;

use domain::ids::PackageKey;
use domain::snapshot::Snapshot;
use domain::time::Timestamp;
use domain::trigger::PackageDetails;

use crate::StepError;
use crate::messages::{Announcement, Event, FeedCheck, Message, Origin};
use crate::ports::{
    Budgets, Bus, Clock, FeedError, FeedReader, Head, History, Opened, PauseKey, Pauses, Reading,
    Routes, SaveError, Snapshots, WatchLists,
};

/// The step.
pub struct Check<'a, S, R, B, C> {
    /// The store.
    pub store: &'a S,
    /// Reads feeds.
    pub reader: &'a R,
    /// The bus.
    pub bus: &'a B,
    /// The clock.
    pub clock: &'a C,
}

/// What a check found.
#[derive(Debug, Default)]
pub struct CheckReport {
    /// Packages that were not asked for because the feed wants a pause until then.
    pub throttled_until: Option<Timestamp>,
    /// Packages that hold what they held.
    pub unchanged: usize,
    /// Packages that changed, with their announcements.
    pub changed: Vec<Announcement>,
    /// Packages of which too much is gone to believe it before it is read again.
    pub suspected: Vec<PackageKey>,
    /// Announcements of earlier checks that were made now.
    pub pending_events_published: usize,
    /// Packages that could not be read.
    pub failed: Vec<(PackageKey, FeedError)>,
    /// Versions seen in full listings.
    pub versions: usize,
}

/// A package on its way through a check.
struct Package {
    key: PackageKey,
    head: Option<Head>,
    details: PackageDetails,
    /// What it held, where that decides what is asked for.
    known: Option<Snapshot>,
}

impl<S, R, B, C> Check<'_, S, R, B, C>
where
    S: Snapshots + Budgets + Pauses + WatchLists + History,
    R: FeedReader + Routes,
    B: Bus,
    C: Clock,
{
    /// Checks the packages that the request names.
    ///
    /// # Errors
    /// When the store or the bus fails. What the feed answers is never an error of the step: it is
    /// reported, and the feed or package is left alone for a while.
    pub async fn run(
        &self,
        request: &FeedCheck,
        origin: &Origin,
    ) -> Result<CheckReport, StepError> {
        let feed = &request.feed;
        let budget = feed.budget(self.reader.access());
        let opened = self.store.open(feed, &budget, &request.packages).await?;
        let forbidden_until = forbidden_until(&opened, self.clock.now());
        let was_paused = request.feed_retrying || opened.feed_pause.is_some();
        let mut report = CheckReport::default();
        let mut packages = self
            .publish_pending_events(request, opened.heads, origin, &mut report)
            .await?;
        if let Some(until) = forbidden_until {
            report.throttled_until = Some(until);
            return Ok(report);
        }
        for package in &mut packages {
            package.known = self.known(package).await?;
        }
        let requests: Vec<_> = packages.iter().map(Package::request).collect();
        let answer = self.reader.read(feed, &requests).await;
        self.mind_budget(&budget, opened.budget.as_ref(), &answer)
            .await?;
        for (package, reading) in packages.iter_mut().zip(answer.readings) {
            self.bring_in(request, package, reading, origin, &mut report)
                .await?;
        }
        self.settle_failures(request, was_paused, origin, &report)
            .await?;
        Ok(report)
    }

    /// Publishes what earlier checks owed and did not live to strike off. A package that another check is
    /// at is left to that one.
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
            if let Some(owing) = &head
                && let Some(pending_event) = &owing.pending_event
            {
                let paid = self
                    .publish_pending_event(&key, owing, pending_event, origin, report)
                    .await;
                if let Err(StepError::Save(SaveError::Conflict(_))) = paid {
                    continue;
                }
                head = Some(paid?);
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

    /// Brings what was read of one package into the store.
    async fn bring_in(
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
        let taken = self.take(&request.feed, package, reading, origin, report);
        match (taken.await, paused) {
            (Ok(()), Some(paused)) => self.store.resume(&paused).await?,
            // Another check of the same package was faster, and announces what it found.
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

/// Until when the feed must not be asked at all. Only a pause that was asked for forbids, be it for the
/// feed or for another one that is counted with it; after a failure, whoever has a reason to try earlier
/// may.
pub fn forbidden_until(opened: &Opened, now: Timestamp) -> Option<Timestamp> {
    let of_feed = opened
        .feed_pause
        .as_ref()
        .filter(|pause| pause.throttled && !pause.is_over(now))
        .map(|pause| pause.until);
    let of_budget = opened.budget.as_ref();
    of_feed.max(of_budget.and_then(|state| state.throttled_until(now)))
}
