//! What one host gives one credential, shared by all reads that this process makes at a time.
//!
//! Feeds of one host that are read without a credential, or with the same one, are one to the host. So
//! they share their turns, of which there are few; a rate, averaged over a minute; and being told to stop,
//! which holds for as long as anybody reads: what is longer than that is kept in the table, by whoever was
//! told.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use engine::ports::FeedErrorKind;
use reqwest::header::HeaderValue;
use sha2::{Digest, Sha256};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;
use url::Url;

use crate::lock;

/// More budgets than this are not remembered: far more hosts than one Octopus Server has feeds of.
const MOST_BUDGETS: usize = 1_024;

/// The budgets of this process.
#[derive(Default)]
pub(crate) struct Budgets(Mutex<HashMap<Key, Arc<Budget>>>);

/// Who counts, and whom.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    origin: String,
    /// A hash of the credential; none for everybody's share.
    identity: Option<[u8; 32]>,
}

/// How much may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Allowance {
    /// Packages, or indexes, that are read at a time.
    pub(crate) parallel: usize,
    /// Requests a second over a minute; `None` for as many as there are.
    pub(crate) per_second: Option<u32>,
}

struct Budget {
    turns: Semaphore,
    /// The time that one request takes of the rate; nothing without a rate.
    interval: Duration,
    /// When the requests so far would all have been made, had they kept the rate.
    kept_until: Mutex<Instant>,
    told: Mutex<LastReport>,
}

/// What the host said to those who read now.
#[derive(Default)]
struct LastReport {
    readers: usize,
    stop: Option<FeedErrorKind>,
}

/// A read's place among those who share a budget.
pub(crate) struct Seat(Arc<Budget>);

impl Budgets {
    /// A place for a read of `base` with this credential. The first one says what is allowed.
    pub(crate) fn join(
        &self,
        base: &Url,
        credential: Option<&HeaderValue>,
        allowance: Allowance,
    ) -> Seat {
        let key = Key {
            origin: base.origin().ascii_serialization(),
            identity: credential.map(|credential| Sha256::digest(credential.as_bytes()).into()),
        };
        let mut budgets = lock(&self.0);
        if budgets.len() >= MOST_BUDGETS && !budgets.contains_key(&key) {
            budgets.retain(|_, budget| lock(&budget.told).readers > 0);
        }
        let budget = budgets
            .entry(key)
            .or_insert_with(|| Arc::new(Budget::new(allowance)));
        lock(&budget.told).readers += 1;
        Seat(Arc::clone(budget))
    }
}

impl Budget {
    fn new(allowance: Allowance) -> Self {
        let per_second = allowance.per_second.map(|number| number.max(1));
        Self {
            turns: Semaphore::new(allowance.parallel.max(1)),
            interval: per_second.map_or(Duration::ZERO, |number| Duration::from_secs(1) / number),
            kept_until: Mutex::new(Instant::now()),
            told: Mutex::default(),
        }
    }
}

impl Seat {
    /// A turn to read a package; held until it is read. Whoever waits longest is next.
    pub(crate) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        // Fails only if it is closed, which nobody does.
        self.0.turns.acquire().await.ok()
    }

    /// Waits until a request is within the rate. A minute's worth may be asked at once.
    pub(crate) async fn pace(&self) {
        const BURST: Duration = Duration::from_secs(60);
        let now = Instant::now();
        let ahead = {
            let mut kept_until = lock(&self.0.kept_until);
            let ahead = kept_until.saturating_duration_since(now);
            *kept_until = (*kept_until).max(now) + self.0.interval;
            ahead
        };
        if let Some(wait) = ahead.checked_sub(BURST).filter(|wait| !wait.is_zero()) {
            tokio::time::sleep(wait).await;
        }
    }

    /// What everybody who shares the budget was told, if that was to stop.
    pub(crate) fn stopped(&self) -> Option<FeedErrorKind> {
        lock(&self.0.told).stop
    }

    /// Tells everybody who shares the budget to stop.
    pub(crate) fn stop(&self, why: FeedErrorKind) {
        lock(&self.0.told).stop = Some(why);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut told = lock(&self.0.told);
        told.readers -= 1;
        if told.readers == 0 {
            told.stop = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn join(budgets: &Budgets, url: &str, credential: Option<&'static str>) -> Seat {
        let credential = credential.map(HeaderValue::from_static);
        let allowance = Allowance {
            parallel: 2,
            per_second: Some(1),
        };
        budgets.join(&Url::parse(url).unwrap(), credential.as_ref(), allowance)
    }

    #[test]
    fn who_shares_a_budget_stops_together() {
        let budgets = Budgets::default();
        let stop = FeedErrorKind::Throttled(None);
        let told = join(&budgets, "https://a.example/x", None);
        told.stop(stop);
        for (url, credential, expected) in [
            ("https://a.example", None, Some(stop)),
            ("https://A.example:443/y", None, Some(stop)),
            ("https://a.example", Some("Basic a"), None),
            ("https://a.example:444", None, None),
            ("http://a.example", None, None),
            ("https://b.example", None, None),
        ] {
            let seat = join(&budgets, url, credential);
            assert_eq!(seat.stopped(), expected, "{url} {credential:?}");
        }
        drop(told);
        let next = join(&budgets, "https://a.example", None);
        assert_eq!(next.stopped(), None, "nobody was reading any more");
    }

    #[tokio::test]
    async fn turns_are_shared() {
        let budgets = Budgets::default();
        let one = join(&budgets, "https://a.example", None);
        let other = join(&budgets, "https://a.example", None);
        let held = (one.turn().await, other.turn().await);
        let third = tokio::time::timeout(Duration::from_millis(1), one.turn());
        assert!(third.await.is_err());
        drop(held);
        assert!(one.turn().await.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_minute_s_worth_may_be_asked_at_once_and_the_rest_in_turn() {
        let budgets = Budgets::default();
        let seat = join(&budgets, "https://a.example", None);
        let start = Instant::now();
        for _ in 0..61 {
            seat.pace().await;
        }
        assert_eq!(start.elapsed(), Duration::ZERO);
        for second in 1..=5 {
            seat.pace().await;
            assert_eq!(start.elapsed(), Duration::from_secs(second));
        }
        tokio::time::sleep(Duration::from_secs(3_600)).await;
        let later = Instant::now();
        for _ in 0..61 {
            seat.pace().await;
        }
        assert_eq!(later.elapsed(), Duration::ZERO);
    }
}
