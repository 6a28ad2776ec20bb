//! Counts the requests of one read, and has its deadline and its redactor.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use engine::ports::QuotaLeft;
use http_client::{Redactor, rate_limit};
use jiff::Timestamp;
use reqwest::header::HeaderMap;
use tokio::time::Instant;

use crate::error::span;
use crate::sync::lock;

/// The counts, deadline and secrets of one read of all packages.
pub(crate) struct Meter {
    /// The deadline of the read.
    pub(crate) end: Instant,
    /// The time from the start of the read to its deadline.
    pub(crate) whole: Duration,
    /// Redacts the secrets that were sent to servers.
    pub(crate) redactor: Redactor,
    requests: AtomicUsize,
    versions: AtomicUsize,
    quota: Mutex<Option<QuotaLeft>>,
}

impl Meter {
    /// A meter for a read that starts now, with this deadline.
    pub(crate) fn new(whole: Duration) -> Self {
        Self {
            end: Instant::now() + whole,
            whole,
            redactor: Redactor::default(),
            requests: AtomicUsize::default(),
            versions: AtomicUsize::default(),
            quota: Mutex::default(),
        }
    }

    /// Adds a package's versions, unless all packages then have more than `most`.
    pub(crate) fn admits(&self, versions: usize, most: usize) -> bool {
        let add = |before: usize| Some(before + versions).filter(|all| *all <= most);
        let added = (self.versions).fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
        added.is_ok()
    }

    pub(crate) fn count(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    /// Records the quota in an answer's headers. Answers arrive in any order, so the smallest one is kept.
    pub(crate) fn note(&self, headers: &HeaderMap) {
        let Some(quota) = rate_limit(headers, Timestamp::now()) else {
            return;
        };
        let mut smallest = lock(&self.quota);
        if smallest
            .as_ref()
            .is_some_and(|known| known.remaining <= quota.remaining)
        {
            return;
        }
        *smallest = Some(QuotaLeft {
            limit: quota.limit,
            remaining: quota.remaining,
            resets_in: quota.resets_in.map(span),
        });
    }

    /// The number of requests that were sent.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }

    /// The smallest remaining quota that the server reported.
    pub(crate) fn quota(&self) -> Option<QuotaLeft> {
        lock(&self.quota).clone()
    }
}
