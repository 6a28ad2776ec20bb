//! The side effects of a history, counted, and the one at which an invocation is to die.

use std::cell::{Cell, RefCell};

use crate::hands::Moment;
use crate::lambda::Function;

/// All side effects so far, where anybody wants to know them.
#[derive(Default)]
pub(crate) struct Effects {
    is_recording: Cell<bool>,
    seen: RefCell<Vec<(Function, String)>>,
    crash_at: Cell<Option<(usize, Moment)>>,
}

impl Effects {
    /// Begins to count, and lets the invocation die that carries out the effect of this index, if any.
    pub(crate) fn record(&self, crash_at: Option<(usize, Moment)>) {
        self.is_recording.set(true);
        self.crash_at.set(crash_at);
        self.seen.borrow_mut().clear();
    }

    pub(crate) fn seen(&self) -> Vec<(Function, String)> {
        self.seen.borrow().clone()
    }

    /// Whether the crash that was asked for has happened.
    pub(crate) fn has_crashed(&self) -> bool {
        self.is_recording.get() && self.crash_at.get().is_none()
    }

    /// One more effect: whether the invocation is to die before or after it.
    pub(crate) fn next(&self, function: Function, name: impl FnOnce() -> String) -> Option<Moment> {
        if !self.is_recording.get() {
            return None;
        }
        let index = self.seen.borrow().len();
        self.seen.borrow_mut().push((function, name()));
        let (at, moment) = self.crash_at.get()?;
        (at == index).then(|| {
            self.crash_at.set(None);
            moment
        })
    }
}
