//! The gate before a feed: open until somebody who shares the feed's budget is told to stop, or until the
//! feed fails again and again.

use std::sync::Mutex;

use engine::ports::FeedErrorKind;
use tokio::sync::SemaphorePermit;

use crate::budgets::Seat;
use crate::lock;

/// A feed that failed this often in a row, with nothing good between, is down and is left alone until the
/// next check: each further request would only wait for its own timeout.
const FAILURES: usize = 3;

/// Shared by all requests of one read.
pub(crate) struct Gate {
    seat: Seat,
    failures: Mutex<usize>,
}

impl Gate {
    /// An open gate.
    pub(crate) fn new(seat: Seat) -> Self {
        let failures = Mutex::default();
        Self { seat, failures }
    }

    /// A turn to read a package; held until it is read.
    pub(crate) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        self.seat.turn().await
    }

    /// Waits until a request is within the budget's rate.
    pub(crate) async fn pace(&self) {
        self.seat.pace().await;
    }

    /// Why no further request may be sent, if so.
    pub(crate) fn closed(&self) -> Option<FeedErrorKind> {
        let is_down = *lock(&self.failures) >= FAILURES;
        let down = is_down.then_some(FeedErrorKind::Unavailable);
        self.seat.stopped().or(down)
    }

    /// Notes how a request ended: well, or with a failure of this kind.
    pub(crate) fn note(&self, failure: Option<FeedErrorKind>) {
        let mut failures = lock(&self.failures);
        match failure {
            Some(kind @ FeedErrorKind::Throttled(_)) => self.seat.stop(kind),
            Some(FeedErrorKind::Unavailable) => *failures += 1,
            // Down stays down for this read.
            Some(_) | None if *failures < FAILURES => *failures = 0,
            Some(_) | None => {}
        }
    }
}
