//! Packages that could not be read in their last checks, for every command that shows a decision.

use std::collections::BTreeMap;

use domain::due::BackOff;
use domain::ids::PackageKey;
use domain::time::Timestamp;
use domain::trigger::WatchList;
use engine::ports::{Budgets, PauseKey};
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
        let pauses = store.restraints().await?.pauses;
        let mut failures = BTreeMap::new();
        for key in list.triggers.iter().flat_map(|trigger| trigger.packages()) {
            let of_feed = pauses.get(&PauseKey::Feed(key.space.clone(), key.feed.clone()));
            let of_package = pauses.get(&PauseKey::Package(key.clone()));
            if let Some(pause) = of_feed.or(of_package) {
                failures.insert(key.clone(), failure(list, key, pause, now));
            }
        }
        Ok(Self(failures))
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

fn failure(list: &WatchList, key: &PackageKey, pause: &BackOff, now: Timestamp) -> ReadFailure {
    let feed = list.feed(&key.space, &key.feed);
    ReadFailure {
        package: key.package.to_string(),
        feed: feed.map_or_else(|| key.feed.to_string(), |feed| feed.name.clone()),
        failed_checks: pause.failures,
        reason: pause.reason.clone(),
        is_throttled: pause.throttled,
        next_check_at: pause.until,
        seen_at: now,
    }
}
