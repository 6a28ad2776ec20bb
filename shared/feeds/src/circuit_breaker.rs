//! The circuit breaker of a read: opens when the server asks for a pause, or after repeated failures.

use std::sync::Mutex;

use engine::ports::FeedErrorKind;
use tokio::sync::SemaphorePermit;

use crate::budget::Member;
use crate::sync::lock;

/// Consecutive failures after which no further request is sent in this read: each would only wait for its
/// own timeout.
const MAX_FAILURES: usize = 3;

/// The circuit breaker of all requests of one read.
pub(crate) struct CircuitBreaker {
    budget: Member,
    failures: Mutex<usize>,
}

impl CircuitBreaker {
    /// A closed circuit breaker.
    pub(crate) fn new(budget: Member) -> Self {
        let failures = Mutex::default();
        Self { budget, failures }
    }

    /// A permit to read a package, kept while it is read.
    pub(crate) async fn permit(&self) -> Option<SemaphorePermit<'_>> {
        self.budget.permit().await
    }

    /// Waits until a request is within the budget's rate.
    pub(crate) async fn wait_for_rate(&self) {
        self.budget.wait_for_rate().await;
    }

    /// Why no further request may be sent; `None` while the circuit breaker is closed.
    pub(crate) fn open_reason(&self) -> Option<FeedErrorKind> {
        let is_down = *lock(&self.failures) >= MAX_FAILURES;
        let down = is_down.then_some(FeedErrorKind::Unavailable);
        self.budget.stopped().or(down)
    }

    /// Records the outcome of a request: `None` for success.
    pub(crate) fn record(&self, failure: Option<FeedErrorKind>) {
        let mut failures = lock(&self.failures);
        match failure {
            Some(kind @ FeedErrorKind::Throttled(_)) => self.budget.stop(kind),
            Some(FeedErrorKind::Unavailable) => *failures += 1,
            // Once open, it stays open for this read.
            Some(_) | None if *failures < MAX_FAILURES => *failures = 0,
            Some(_) | None => {}
        }
    }
}
