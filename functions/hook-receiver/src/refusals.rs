//! Counts refused requests. A metric is a log line, so it is written at most once a minute.

use std::cell::RefCell;

use domain::time::{Span, Timestamp};

/// The shortest time between two log lines.
const PAUSE: Span = Span::from_minutes(1);

/// The refused requests since the last line.
#[derive(Debug, Default)]
pub(crate) struct Refusals(RefCell<Counted>);

#[derive(Debug, Default)]
struct Counted {
    refused: usize,
    written_at: Option<Timestamp>,
}

impl Refusals {
    /// Counts a request, and returns the number to write, if a line is due.
    pub(crate) fn count(&self, now: Timestamp) -> Option<usize> {
        let mut counted = self.0.borrow_mut();
        counted.refused += 1;
        let is_recent = |at: Timestamp| now.since(at) < PAUSE && !at.is_ahead_of(now);
        if counted.written_at.is_some_and(is_recent) {
            return None;
        }
        counted.written_at = Some(now);
        Some(std::mem::take(&mut counted.refused))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_of_a_storm_are_written_once_a_minute() {
        let refusals = Refusals::default();
        let second = |second: i64| Timestamp::from_millis(second * 1_000);
        let written: Vec<_> = (0..120)
            .filter_map(|at| refusals.count(second(at)))
            .collect();
        assert_eq!(written, [1, 60]);
    }
}
