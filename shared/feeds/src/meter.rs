//! What one read has taken and told so far, and until when it may go on.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use engine::ports::QuotaLeft;
use http_client::{Redactor, rate_limit};
use jiff::Timestamp;
use reqwest::header::HeaderMap;
use tokio::time::Instant;

use crate::error::span;
use crate::lock;

/// Counts for all packages of one read.
pub(crate) struct Meter {
    /// When the read has to be over.
    pub(crate) end: Instant,
    /// How long that was from its beginning.
    pub(crate) whole: Duration,
    /// What servers were told in confidence.
    pub(crate) redactor: Redactor,
    requests: AtomicUsize,
    quota: Mutex<Option<QuotaLeft>>,
}

impl Meter {
    /// For a read that begins now and may take so long.
    pub(crate) fn new(whole: Duration) -> Self {
        Self {
            end: Instant::now() + whole,
            whole,
            redactor: Redactor::default(),
            requests: AtomicUsize::default(),
            quota: Mutex::default(),
        }
    }

    /// Counts a request that is sent.
    pub(crate) fn count(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    /// Keeps what an answer says of the quota. Answers come in any order, so the smallest rest counts.
    pub(crate) fn note(&self, headers: &HeaderMap) {
        let Some(said) = rate_limit(headers, Timestamp::now()) else {
            return;
        };
        let mut quota = lock(&self.quota);
        if quota
            .as_ref()
            .is_some_and(|known| known.remaining <= said.remaining)
        {
            return;
        }
        *quota = Some(QuotaLeft {
            limit: said.limit,
            remaining: said.remaining,
            resets_in: said.resets_in.map(span),
        });
    }

    /// How many requests were sent.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }

    /// What was left of the quota at last.
    pub(crate) fn quota(&self) -> Option<QuotaLeft> {
        lock(&self.quota).clone()
    }
}
