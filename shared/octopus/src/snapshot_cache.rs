//! The processes of releases that a client has read. They never change.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::process::PackageIdentity;

/// Processes that a client keeps, each with some hundred bytes for each package.
const MAX_KEPT: usize = 500;

type Kept = BTreeMap<(String, String), Vec<PackageIdentity>>;

/// The package references of processes, by project and snapshot or commit.
#[derive(Debug, Default)]
pub(crate) struct SnapshotCache(Mutex<Kept>);

impl SnapshotCache {
    pub(crate) fn get(&self, project: &str, id: &str) -> Option<Vec<PackageIdentity>> {
        let key = (project.to_owned(), id.to_owned());
        self.lock().get(&key).cloned()
    }

    pub(crate) fn keep(&self, project: &str, id: &str, packages: Vec<PackageIdentity>) {
        let mut kept = self.lock();
        if kept.len() >= MAX_KEPT {
            kept.clear();
        }
        kept.insert((project.to_owned(), id.to_owned()), packages);
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
