//! The side effects of a history, counted, and the one at which an invocation is to die.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use crate::hands::Moment;
use crate::lambda::Function;

/// What a function asks of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    /// Rows of the table by their keys.
    GetRows,
    /// Rows of a partition of the table.
    QueryRows,
    /// A row is written.
    PutRow,
    /// A row is deleted.
    DeleteRow,
    /// Messages are published on the bus.
    Publish,
    /// Octopus is asked for anything.
    AskOctopus,
    /// Packages of a feed are read.
    ReadFeed,
}

/// All side effects so far, where anybody wants to know them.
#[derive(Default)]
pub(crate) struct Effects {
    is_recording: Cell<bool>,
    seen: RefCell<Vec<(Function, String)>>,
    crash_at: Cell<Option<(usize, Moment)>>,
    calls: RefCell<BTreeSet<(Function, Call)>>,
}

impl Effects {
    /// Begins to count, and lets the invocation die that carries out the effect of this index, if any.
    pub(crate) fn record(&self, crash_at: Option<(usize, Moment)>) {
        self.is_recording.set(true);
        self.crash_at.set(crash_at);
        self.seen.borrow_mut().clear();
    }

    /// Notes that the function makes such calls.
    pub(crate) fn call(&self, function: Function, call: Call) {
        self.calls.borrow_mut().insert((function, call));
    }

    /// The calls that were made.
    pub(crate) fn calls(&self) -> BTreeSet<(Function, Call)> {
        self.calls.borrow().clone()
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
