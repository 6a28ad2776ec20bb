//! The observations of a history, from which it is judged.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use domain::ids::{PackageKey, ReleaseId};

/// A place for releases, with what a plan selects there.
pub(crate) type Made = (usize, usize, Vec<(String, String)>);

/// The observations so far.
#[derive(Default)]
pub(crate) struct Truth {
    pub(crate) violations: RefCell<Vec<String>>,
    pub(crate) releases: Cell<usize>,
    pub(crate) doubled: Cell<usize>,
    pub(crate) lost: Cell<usize>,
    pub(crate) made: RefCell<BTreeSet<Made>>,
    pub(crate) announced: RefCell<BTreeSet<(PackageKey, u64)>>,
    pub(crate) created: RefCell<BTreeSet<ReleaseId>>,
}
