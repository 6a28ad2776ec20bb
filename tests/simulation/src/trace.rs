//! The trace of a history: one line for each event, with its time.

use std::cell::RefCell;

use domain::time::{Span, Timestamp};

use crate::time::START;

/// The lines, if tracing is enabled.
pub(crate) struct Trace(Option<RefCell<Vec<String>>>);

impl Trace {
    pub(crate) fn new(is_traced: bool) -> Self {
        Self(is_traced.then(RefCell::default))
    }

    /// Adds a line. It is only formatted if tracing is enabled.
    pub(crate) fn log(&self, at: Timestamp, line: impl FnOnce() -> String) {
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
