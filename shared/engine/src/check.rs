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

pub(crate) mod budget;
mod failure;

use std::fmt::Write as _;

use domain::feed::Feed;
use domain::ids::PackageKey;
use domain::snapshot::{Listed, Snapshot, advance, is_doubtful};
use domain::time::Timestamp;
use sha2::{Digest, Sha256};

use crate::StepError;
use crate::messages::{Announcement, Event, FeedCheck, Message, Origin};
use crate::ports::{
    Budgets, Bus, Clock, FeedError, FeedReader, Head, History, NextHead, Opened, PauseKey, Pauses,
    ReadRequest, Reading, Routes, SaveError, Snapshots, Validators, Wants, WatchLists,
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
    pub doubted: Vec<PackageKey>,
    /// Announcements of earlier checks that were made now.
    pub debts_paid: usize,
    /// Packages that could not be read.
    pub failed: Vec<(PackageKey, FeedError)>,
    /// Versions seen in full listings.
    pub versions: usize,
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
        let now = self.clock.now();
        let budget = feed.budget(self.reader.access());
        let opened = self.store.open(feed, &budget, &request.packages).await?;
        let mut report = CheckReport::default();
        let forbidden_until = forbidden_until(&opened, now);
        let was_paused = request.feed_retrying || opened.feed_pause.is_some();
        let mut heads = Vec::with_capacity(opened.heads.len());
        for (package, head) in request.packages.iter().zip(opened.heads) {
            let key = PackageKey {
                space: feed.space.clone(),
                feed: feed.id.clone(),
                package: package.clone(),
            };
            match self.pay_debt(&key, head, origin, &mut report).await {
                Ok(head) => heads.push((key, head)),
                // Another check of the same package is at it.
                Err(StepError::Save(SaveError::Conflict(_))) => {}
                Err(error) => return Err(error),
            }
        }
        if let Some(until) = forbidden_until {
            report.throttled_until = Some(until);
            return Ok(report);
        }
        let requests: Vec<_> = heads
            .iter()
            .map(|(key, head)| ReadRequest {
                package: key.package.clone(),
                validators: head.as_ref().and_then(|head| head.validators.clone()),
                wants: Wants {
                    published: request.dated.contains(&key.package),
                    ..Wants::default()
                },
            })
            .collect();
        let answer = self.reader.read(feed, &requests).await;
        self.mind_budget(&budget, opened.budget.as_ref(), &answer)
            .await?;
        for ((key, head), reading) in heads.into_iter().zip(answer.readings) {
            let read = match reading {
                Ok(reading) => {
                    self.take(feed, &key, head, reading, origin, &mut report)
                        .await
                }
                Err(error) => {
                    report.failed.push((key, error));
                    continue;
                }
            };
            match read {
                Ok(()) if request.retrying.contains(&key.package) => {
                    self.store.resume(&PauseKey::Package(key)).await?;
                }
                // Another check of the same package was faster, and announces what it found.
                Ok(()) | Err(StepError::Save(SaveError::Conflict(_))) => {}
                Err(error) => return Err(error),
            }
        }
        self.settle_failures(request, was_paused, origin, &report)
            .await?;
        Ok(report)
    }

    /// Publishes what an earlier check owed and did not live to strike off.
    async fn pay_debt(
        &self,
        key: &PackageKey,
        head: Option<Head>,
        origin: &Origin,
        report: &mut CheckReport,
    ) -> Result<Option<Head>, StepError> {
        let Some(head) = head else { return Ok(None) };
        let Some(owed) = &head.owed else {
            return Ok(Some(head));
        };
        self.announce(owed, origin).await?;
        report.debts_paid += 1;
        Ok(Some(self.store.settle(key, &head).await?))
    }

    /// Takes a reading over into the snapshot, and announces what changed.
    async fn take(
        &self,
        feed: &Feed,
        key: &PackageKey,
        head: Option<Head>,
        reading: Reading,
        origin: &Origin,
        report: &mut CheckReport,
    ) -> Result<(), StepError> {
        let Reading::Listing {
            versions,
            validators,
        } = reading
        else {
            report.unchanged += 1;
            return self.trust(key, head.as_ref()).await;
        };
        report.versions += versions.len();
        let fingerprint = fingerprint(&versions);
        let before = match &head {
            Some(head) if head.fingerprint == fingerprint => {
                report.unchanged += 1;
                return self.revalidate(key, head, validators).await;
            }
            Some(head) => Some(self.store.load(key, head).await?),
            None => None,
        };
        if let (Some(head), Some(before)) = (&head, &before)
            && head.doubted.as_ref() != Some(&fingerprint)
            && is_doubtful(before, &versions)
        {
            report.doubted.push(key.clone());
            self.store.doubt(key, head, fingerprint).await?;
            return Ok(());
        }
        let next = Next {
            validators,
            fingerprint,
            versions,
        };
        self.change(
            feed,
            key,
            head.as_ref(),
            before.as_ref(),
            next,
            origin,
            report,
        )
        .await
    }

    /// Keeps new validators, so that the next read of the same content is a conditional one.
    async fn revalidate(
        &self,
        key: &PackageKey,
        head: &Head,
        validators: Option<Validators>,
    ) -> Result<(), StepError> {
        if head.validators != validators || head.doubted.is_some() {
            self.store.revalidate(key, head, validators).await?;
        }
        Ok(())
    }

    /// Forgets what was doubted, because the feed holds again what it held before.
    async fn trust(&self, key: &PackageKey, head: Option<&Head>) -> Result<(), StepError> {
        match head {
            Some(head) => self.revalidate(key, head, head.validators.clone()).await,
            None => Ok(()),
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the two states of one package and where to tell"
    )]
    async fn change(
        &self,
        feed: &Feed,
        key: &PackageKey,
        head: Option<&Head>,
        before: Option<&Snapshot>,
        next: Next,
        origin: &Origin,
        report: &mut CheckReport,
    ) -> Result<(), StepError> {
        let now = self.clock.now();
        let (snapshot, changes) = advance(before, next.versions, now);
        let generation = head.map_or(0, |head| head.generation) + 1;
        let owed = (!changes.is_empty())
            .then(|| Announcement::new(key.clone(), feed.name.clone(), generation, changes));
        let next = NextHead {
            generation,
            validators: next.validators,
            fingerprint: next.fingerprint,
            changed_at: now,
            owed: owed.clone(),
        };
        let head = self.store.advance(key, head, next, &snapshot).await?;
        if let Some(owed) = owed {
            self.announce(&owed, origin).await?;
            self.store.settle(key, &head).await?;
            report.changed.push(owed);
        }
        Ok(())
    }

    async fn announce(&self, owed: &Announcement, origin: &Origin) -> Result<(), StepError> {
        let generation = owed.generation.to_string();
        let package = &owed.package;
        let unique = [
            package.space.as_str(),
            package.feed.as_str(),
            package.package.as_str(),
            &generation,
        ];
        let event = Event::PackageVersionsChanged(owed.clone());
        self.bus
            .publish(&[Message::new(origin, event, &unique, self.clock.now())])
            .await?;
        Ok(())
    }
}

/// What a listing brings.
struct Next {
    validators: Option<Validators>,
    fingerprint: String,
    versions: Vec<Listed>,
}

/// Until when the feed must not be asked at all. Only a pause that was asked for forbids, be it for the
/// feed or for another one that is counted with it; after a failure, whoever has a reason to try earlier
/// may.
pub(crate) fn forbidden_until(opened: &Opened, now: Timestamp) -> Option<Timestamp> {
    let of_feed = opened
        .feed_pause
        .as_ref()
        .filter(|pause| pause.throttled && !pause.is_over(now))
        .map(|pause| pause.until);
    let of_budget = opened.budget.as_ref();
    of_feed.max(of_budget.and_then(|state| state.throttled_until(now)))
}

/// Bytes that are hashed at a time.
const HASHED_TOGETHER: usize = 4 << 10;

/// A name of the listing's content, the same whatever its order.
fn fingerprint(versions: &[Listed]) -> String {
    let mut sorted: Vec<_> = versions.iter().collect();
    // As most listings come.
    if !versions.is_sorted_by(|one, other| one.version <= other.version) {
        sorted.sort_unstable_by(|one, other| one.version.cmp(&other.version));
    }
    // Hashing many pieces together is quicker than one by one.
    let (mut hash, mut content) = (Sha256::new(), Vec::with_capacity(HASHED_TOGETHER));
    for listed in sorted {
        for text in [Some(listed.version.as_str()), listed.digest.as_deref()] {
            let text = text.unwrap_or_default();
            content.extend_from_slice(&text.len().to_be_bytes());
            content.extend_from_slice(text.as_bytes());
        }
        let published = listed.published.map_or(i64::MIN, Timestamp::as_millis);
        content.extend_from_slice(&published.to_be_bytes());
        if content.len() >= HASHED_TOGETHER {
            hash.update(&content);
            content.clear();
        }
    }
    hash.update(&content);
    let mut name = String::with_capacity(32);
    for byte in hash.finalize().iter().take(16) {
        // Writing to a text does not fail.
        let _ = write!(name, "{byte:02x}");
    }
    name
}
