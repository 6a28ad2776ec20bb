//! A clock that the test advances.

use std::cell::Cell;
use std::rc::Rc;

use domain::time::{Span, Timestamp};
use engine::ports::Clock;

/// 2026-06-01T00:00:00Z.
const START: Timestamp = Timestamp::from_millis(1_780_272_000_000);

const HOUR: Span = Span::from_hours(1);

/// A clock that the test advances. Each read is a millisecond later, so that no two events have the same time and
/// every run is the same. Clones share the clock.
#[derive(Clone, Debug)]
pub struct TestClock(Rc<Cell<Timestamp>>);

impl Default for TestClock {
    fn default() -> Self {
        Self(Rc::new(Cell::new(START)))
    }
}

impl TestClock {
    /// Advances the clock.
    pub fn advance(&self, span: Span) {
        self.0.set(self.0.get() + span);
    }

    /// Sets the clock back, as after a correction.
    pub fn set_back(&self, span: Span) {
        self.0.set(self.0.get() - span);
    }

    /// Advances the clock to the next time that is this many minutes past an hour.
    pub fn advance_to_minute(&self, minute: i64) {
        let past_the_hour = Span::from_millis(self.0.get().as_millis() % HOUR.as_millis());
        let expected = Span::from_minutes(minute).as_millis() - past_the_hour.as_millis();
        self.advance(Span::from_millis(expected.rem_euclid(HOUR.as_millis())));
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        self.advance(Span::from_millis(1));
        self.0.get()
    }
}
