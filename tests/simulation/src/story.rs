//! The story of a history: one line for each thing that happened, with the time at which it did.

use std::cell::RefCell;

use domain::time::{Span, Timestamp};

use crate::time::START;

/// The lines, where anybody wants to read them.
pub(crate) struct Story(Option<RefCell<Vec<String>>>);

impl Story {
    pub(crate) fn new(is_told: bool) -> Self {
        Self(is_told.then(RefCell::default))
    }

    /// Adds a line. It is only made if somebody wants to read it.
    pub(crate) fn tell(&self, at: Timestamp, line: impl FnOnce() -> String) {
        if let Some(lines) = &self.0 {
            let line = format!("{}  {}", Self::clock(at), line());
            lines.borrow_mut().push(line);
        }
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.0
            .as_ref()
            .map(|lines| lines.borrow().clone())
            .unwrap_or_default()
    }

    /// The time since the start: hours, minutes, seconds, milliseconds.
    fn clock(at: Timestamp) -> String {
        let past: Span = at.since(START);
        let millis = past.as_millis();
        let (seconds, millis) = (millis / 1_000, millis % 1_000);
        let (minutes, seconds) = (seconds / 60, seconds % 60);
        format!(
            "{:>3}:{:02}:{seconds:02}.{millis:03}",
            minutes / 60,
            minutes % 60
        )
    }
}
