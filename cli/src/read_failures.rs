//! Packages that could not be read in their last checks, for every command that shows a decision.

use std::collections::BTreeMap;

use domain::ids::PackageKey;
use domain::time::Timestamp;
use domain::trigger::{Trigger, WatchList};
use engine::ports::Budgets;
use operator::overview::FailedPackage;
use store::Store;

use crate::output::ReadFailure;
use crate::state::State;

/// The failures of the watched packages, by package.
#[derive(Debug, Default)]
pub(crate) struct ReadFailures(BTreeMap<PackageKey, ReadFailure>);

impl ReadFailures {
    /// Reads the failures of the watched packages from the store.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) async fn read(
        store: Option<&Store<State>>,
        list: &WatchList,
        now: Timestamp,
    ) -> anyhow::Result<Self> {
        let Some(store) = store else {
            return Ok(Self::default());
        };
        let restraints = store.restraints().await?;
        let packages = list.triggers.iter().flat_map(Trigger::packages);
        let failed = FailedPackage::among(packages, list, &restraints);
        let failures = failed
            .iter()
            .map(|failed| (failed.package.clone(), ReadFailure::new(failed, now)));
        Ok(Self(failures.collect()))
    }

    /// The failures of these packages.
    pub(crate) fn of<'a>(
        &self,
        packages: impl Iterator<Item = &'a PackageKey>,
    ) -> Vec<ReadFailure> {
        let found = packages.filter_map(|key| self.0.get(key));
        found.cloned().collect()
    }
}
