//! The interval at which a feed is checked: the configured one, or a longer one while a shared quota is low.

use std::collections::BTreeMap;

use domain::budget::{BudgetKey, BudgetState};
use domain::feed::{Access, Feed};
use domain::ids::{FeedId, PackageKey, SpaceId};
use domain::time::{Span, Timestamp};
use domain::trigger::WatchList;

use crate::ports::Restraints;

/// The watched packages of each feed, as in the watch list.
pub(super) type ByFeed = BTreeMap<(SpaceId, FeedId), Vec<PackageKey>>;

/// The interval at which the feed is checked now: the configured one, or a longer one while the quota that it
/// shares with other feeds of the list is low. `None` while the feed's host throttles it.
pub fn interval(
    restraints: &Restraints,
    list: &WatchList,
    feed: &Feed,
    configured: Span,
    now: Timestamp,
) -> Option<Span> {
    Intervals::new(restraints, list, &list.packages_by_feed()).interval(feed, configured, now)
}

/// The intervals of all feeds of a list. The packages of each budget are counted once.
pub(super) struct Intervals<'a> {
    restraints: &'a Restraints,
    /// Number of watched packages of each budget with a state.
    packages: BTreeMap<&'a BudgetKey, usize>,
    /// The settings of access with which the budgets were stored, each once. Several only right after a change.
    accesses: Vec<&'a Access>,
}

impl<'a> Intervals<'a> {
    /// Counts the packages of each budget. `watched` are the packages of the list's feeds.
    pub(super) fn new(restraints: &'a Restraints, list: &WatchList, watched: &ByFeed) -> Self {
        let mut accesses: Vec<&Access> = Vec::new();
        for state in restraints.budgets.values() {
            if !accesses.contains(&&state.access) {
                accesses.push(&state.access);
            }
        }
        let mut intervals = Self {
            restraints,
            packages: BTreeMap::new(),
            accesses,
        };
        for feed in &list.feeds {
            let packages = watched.get(&(feed.space.clone(), feed.id.clone()));
            let count = packages.map_or(0, Vec::len);
            for (key, _) in intervals.budgets(feed) {
                *intervals.packages.entry(key).or_default() += count;
            }
        }
        intervals
    }

    /// The interval of a feed of the list. `None` while the feed is throttled.
    pub(super) fn interval(&self, feed: &Feed, configured: Span, now: Timestamp) -> Option<Span> {
        let budget = self.budgets(feed).into_iter().min_by_key(|(key, _)| *key);
        let Some((key, state)) = budget else {
            return Some(configured);
        };
        if state.throttled_until(now).is_some() {
            return None;
        }
        let packages = self.packages.get(key).copied().unwrap_or_default();
        Some(state.interval(packages, configured, now))
    }

    /// The budgets with a state that the feed's reads count against.
    fn budgets(&self, feed: &Feed) -> Vec<(&'a BudgetKey, &'a BudgetState)> {
        let budgets = &self.restraints.budgets;
        let seen_with = |access: &&Access| {
            let found = budgets.get_key_value(&feed.budget(access));
            found.filter(|(_, state)| state.access == **access)
        };
        self.accesses.iter().filter_map(seen_with).collect()
    }
}
