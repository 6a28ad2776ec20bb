//! Budgets of hosts, shared by all reads of this process.
//!
//! Feeds of one host that are read without a credential, or with the same one, are one client to the host.
//! They share a number of permits, a rate averaged over a minute, and a request of the host to stop. The
//! process keeps that request while any read of the host is in progress; the table keeps longer pauses.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use engine::ports::FeedErrorKind;
use reqwest::header::HeaderValue;
use sha2::{Digest, Sha256};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;
use url::Url;

use crate::sync::lock;

/// The maximum number of budgets in memory: more hosts than one Octopus Server has feeds of.
const MAX_BUDGETS: usize = 1_024;

/// The budgets of this process.
#[derive(Default)]
pub(crate) struct Budgets(Mutex<HashMap<Key, Arc<Budget>>>);

/// The host that limits requests, and the client that it counts them for.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    origin: String,
    /// A hash of the credential; `None` without a credential.
    identity: Option<[u8; 32]>,
}

/// The limits of a budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Allowance {
    /// Packages, or indexes, that are read in parallel.
    pub(crate) parallel: usize,
    /// Requests a second, averaged over a minute; `None` for no limit.
    pub(crate) per_second: Option<u32>,
}

struct Budget {
    permits: Semaphore,
    /// The time of the rate that one request uses; zero without a rate.
    interval: Duration,
    /// When the requests so far would all have been sent at the allowed rate.
    used_until: Mutex<Instant>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Reads in progress.
    readers: usize,
    /// The host's request to stop.
    stop: Option<FeedErrorKind>,
}

/// A read's membership in a budget, which ends when it is dropped.
pub(crate) struct Member(Arc<Budget>);

impl Budgets {
    /// Joins the budget for reads of `base` with this credential. The first member determines the limits.
    pub(crate) fn join(
        &self,
        base: &Url,
        credential: Option<&HeaderValue>,
        allowance: Allowance,
    ) -> Member {
        let key = Key {
            origin: base.origin().ascii_serialization(),
            identity: credential.map(|credential| Sha256::digest(credential.as_bytes()).into()),
        };
        let mut budgets = lock(&self.0);
        if budgets.len() >= MAX_BUDGETS && !budgets.contains_key(&key) {
            budgets.retain(|_, budget| lock(&budget.state).readers > 0);
        }
        let budget = budgets
            .entry(key)
            .or_insert_with(|| Arc::new(Budget::new(allowance)));
        lock(&budget.state).readers += 1;
        Member(Arc::clone(budget))
    }
}

impl Budget {
    fn new(allowance: Allowance) -> Self {
        let per_second = allowance.per_second.map(|number| number.max(1));
        Self {
            permits: Semaphore::new(allowance.parallel.max(1)),
            interval: per_second.map_or(Duration::ZERO, |number| Duration::from_secs(1) / number),
            used_until: Mutex::new(Instant::now()),
            state: Mutex::default(),
        }
    }
}

impl Member {
    /// A permit to read a package, kept while it is read. Permits are granted in the order of requests.
    pub(crate) async fn permit(&self) -> Option<SemaphorePermit<'_>> {
        // Fails only if the semaphore is closed, which never happens.
        self.0.permits.acquire().await.ok()
    }

    /// Waits until a request is within the rate. A burst may use the requests of a minute.
    pub(crate) async fn wait_for_rate(&self) {
        const BURST: Duration = Duration::from_secs(60);
        let now = Instant::now();
        let ahead = {
            let mut used_until = lock(&self.0.used_until);
            let ahead = used_until.saturating_duration_since(now);
            *used_until = (*used_until).max(now) + self.0.interval;
            ahead
        };
        if let Some(wait) = ahead.checked_sub(BURST).filter(|wait| !wait.is_zero()) {
            tokio::time::sleep(wait).await;
        }
    }

    /// The host's request to stop, which applies to all members.
    pub(crate) fn stopped(&self) -> Option<FeedErrorKind> {
        lock(&self.0.state).stop
    }

    /// Stops all members.
    pub(crate) fn stop(&self, reason: FeedErrorKind) {
        lock(&self.0.state).stop = Some(reason);
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        let mut state = lock(&self.0.state);
        state.readers -= 1;
        if state.readers == 0 {
            state.stop = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn join(budgets: &Budgets, url: &str, credential: Option<&'static str>) -> Member {
        let credential = credential.map(HeaderValue::from_static);
        let allowance = Allowance {
            parallel: 2,
            per_second: Some(1),
        };
        budgets.join(&Url::parse(url).unwrap(), credential.as_ref(), allowance)
    }

    #[test]
    fn stop_applies_to_members_of_same_host_and_credential() {
        let budgets = Budgets::default();
        let stop = FeedErrorKind::Throttled(None);
        let stopped = join(&budgets, "https://a.example/x", None);
        stopped.stop(stop);
        for (url, credential, expected) in [
            ("https://a.example", None, Some(stop)),
            ("https://A.example:443/y", None, Some(stop)),
            ("https://a.example", Some("Basic a"), None),
            ("https://a.example:444", None, None),
            ("http://a.example", None, None),
            ("https://b.example", None, None),
        ] {
            let member = join(&budgets, url, credential);
            assert_eq!(member.stopped(), expected, "{url} {credential:?}");
        }
        drop(stopped);
        let next = join(&budgets, "https://a.example", None);
        assert_eq!(next.stopped(), None, "the last member has left");
    }

    #[tokio::test]
    async fn permits_are_shared_by_members() {
        let budgets = Budgets::default();
        let one = join(&budgets, "https://a.example", None);
        let other = join(&budgets, "https://a.example", None);
        let held = (one.permit().await, other.permit().await);
        let third = tokio::time::timeout(Duration::from_millis(1), one.permit());
        assert!(third.await.is_err());
        drop(held);
        assert!(one.permit().await.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn rate_allows_burst_of_one_minute_then_delays_requests() {
        let budgets = Budgets::default();
        let member = join(&budgets, "https://a.example", None);
        let start = Instant::now();
        for _ in 0..61 {
            member.wait_for_rate().await;
        }
        assert_eq!(start.elapsed(), Duration::ZERO);
        for second in 1..=5 {
            member.wait_for_rate().await;
            assert_eq!(start.elapsed(), Duration::from_secs(second));
        }
        tokio::time::sleep(Duration::from_secs(3_600)).await;
        let later = Instant::now();
        for _ in 0..61 {
            member.wait_for_rate().await;
        }
        assert_eq!(later.elapsed(), Duration::ZERO);
    }
}
