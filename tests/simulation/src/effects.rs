//! Counts the side effects of a history, and crashes an invocation at a chosen one.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use crate::function::Function;

/// A function's call of a service.
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
    /// Any request to Octopus.
    AskOctopus,
    /// Packages of a feed are read.
    ReadFeed,
}

/// The side of an effect on which an invocation crashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The effect does not happen.
    Before,
    /// The effect happens, and the invocation does not receive the result.
    After,
}

/// All side effects so far, if recorded.
#[derive(Default)]
pub(crate) struct Effects {
    is_recording: Cell<bool>,
    seen: RefCell<Vec<(Function, String)>>,
    crash_at: Cell<Option<(usize, Moment)>>,
    calls: RefCell<BTreeSet<(Function, Call)>>,
}

impl Effects {
    /// Starts recording, and crashes the invocation that performs the effect with this index, if any.
    pub(crate) fn record(&self, crash_at: Option<(usize, Moment)>) {
        self.is_recording.set(true);
        self.crash_at.set(crash_at);
        self.seen.borrow_mut().clear();
    }

    /// Records that the function makes this call.
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

    /// Whether the requested crash has happened.
    pub(crate) fn has_crashed(&self) -> bool {
        self.is_recording.get() && self.crash_at.get().is_none()
    }

    /// Records an effect; returns whether the invocation is to crash before or after it.
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
