//! The engine's check as the program runs it, over a table in memory.

use anyhow::{Context, ensure};
use domain::cause::CheckCause;
use domain::feed::{Access, Feed};
use domain::ids::PackageId;
use engine::check::{Check, CheckReport};
use engine::messages::{FeedCheck, Message, Origin};
use engine::ports::{Bus, BusError};
use engine::routed::Routed;
use engine::schedule::PACKAGES_PER_CHECK;
use feeds::DirectFeeds;
use host::SystemClock;
use store::Store;
use store::memory::{Calls, MemoryTable};

/// Takes messages and forgets them.
pub(crate) struct Nowhere;

impl Bus for Nowhere {
    async fn publish(&self, _: &[Message]) -> Result<(), BusError> {
        Ok(())
    }
}

/// Checks packages, and remembers them from check to check.
pub(crate) struct Checker {
    store: Store<MemoryTable>,
    reader: Routed<DirectFeeds, DirectFeeds>,
}

impl Checker {
    /// One that reads directly with `direct`. Nothing here is read through Octopus, so `unused` is not.
    pub(crate) fn new(direct: DirectFeeds, unused: DirectFeeds) -> Self {
        Self {
            store: Store::new(MemoryTable::default()),
            reader: Routed {
                direct,
                octopus: unused,
                access: Access::default(),
            },
        }
    }

    /// Checks the packages, in as many messages as the schedule would make of them.
    ///
    /// # Errors
    /// When any package could not be read.
    pub(crate) async fn check(
        &self,
        feed: &Feed,
        packages: &[PackageId],
    ) -> anyhow::Result<Vec<CheckReport>> {
        let mut reports = Vec::new();
        for packages in packages.chunks(PACKAGES_PER_CHECK) {
            reports.push(self.check_at_once(feed, packages).await?);
        }
        Ok(reports)
    }

    /// The same, where nothing may have changed.
    pub(crate) async fn check_unchanged(
        &self,
        feed: &Feed,
        packages: &[PackageId],
    ) -> anyhow::Result<Vec<CheckReport>> {
        let reports = self.check(feed, packages).await?;
        let unchanged: usize = reports.iter().map(|report| report.unchanged).sum();
        ensure!(
            unchanged == packages.len(),
            "{unchanged} of {} packages are unchanged",
            packages.len()
        );
        Ok(reports)
    }

    /// How often each call of the store was made since the last time this was asked.
    pub(crate) fn take_calls(&self) -> Calls {
        self.store.table().take_calls()
    }

    async fn check_at_once(
        &self,
        feed: &Feed,
        packages: &[PackageId],
    ) -> anyhow::Result<CheckReport> {
        let step = Check {
            store: &self.store,
            reader: &self.reader,
            bus: &Nowhere,
            clock: &SystemClock,
        };
        let request = FeedCheck {
            feed: feed.clone(),
            packages: packages.to_vec(),
            retrying: Vec::new(),
            details: std::collections::BTreeMap::new(),
            feed_retrying: false,
            cause: CheckCause::Schedule,
            superseded_at: None,
        };
        let mut report = step.run(&request, &Origin::new(&["bench"])).await?;
        match report.failed.pop() {
            Some((_, error)) => Err(error).context("checking the packages"),
            None => Ok(report),
        }
    }
}
