//! The gate before a feed: open until the feed asks for a pause, or fails again and again.

use std::sync::Mutex;

use engine::ports::FeedErrorKind;

use crate::lock;

/// A feed that failed this often in a row, with nothing good between, is down and is left alone until the
/// next check: each further request would only wait for its own timeout.
const FAILURES: usize = 3;

/// Shared by all requests of one read.
#[derive(Default)]
pub(crate) struct Gate(Mutex<State>);

#[derive(Default)]
struct State {
    closed: Option<FeedErrorKind>,
    failures: usize,
}

impl Gate {
    /// Why no further request may be sent, if so.
    pub(crate) fn closed(&self) -> Option<FeedErrorKind> {
        lock(&self.0).closed
    }

    /// Notes how a request ended: well, or with a failure of this kind.
    pub(crate) fn note(&self, failure: Option<FeedErrorKind>) {
        let mut state = lock(&self.0);
        match failure {
            Some(kind @ FeedErrorKind::Throttled(_)) => state.closed = Some(kind),
            Some(kind @ FeedErrorKind::Unavailable) => {
                state.failures += 1;
                if state.failures >= FAILURES {
                    state.closed.get_or_insert(kind);
                }
            }
            Some(_) | None => state.failures = 0,
        }
    }
}
