//! How often a feed is checked: as usual, or less often while the quota that it shares is low.

use std::collections::BTreeMap;

use domain::budget::{BudgetKey, BudgetState};
use domain::feed::{Access, Feed};
use domain::ids::{FeedId, PackageKey, SpaceId};
use domain::time::{Span, Timestamp};
use domain::trigger::WatchList;

use crate::ports::Restraints;

/// The watched packages of each feed, as the watch list gives them.
pub(super) type ByFeed = BTreeMap<(SpaceId, FeedId), Vec<PackageKey>>;

/// How often the feed is checked now: as usual, or less often while the quota that it shares with other
/// feeds of the list is low. `None` while whoever counts them asked for a pause.
pub fn interval(
    restraints: &Restraints,
    list: &WatchList,
    feed: &Feed,
    usual: Span,
    now: Timestamp,
) -> Option<Span> {
    Pace::new(restraints, list, &list.packages_by_feed()).interval(feed, usual, now)
}

/// The pace of every feed of a list, for which its packages have been counted once.
pub(super) struct Pace<'a> {
    restraints: &'a Restraints,
    /// How many watched packages each budget that is to be spared is spent on.
    packages: BTreeMap<&'a BudgetKey, usize>,
    /// The ways of access that the budgets were seen with, each once: one, unless it was just changed.
    ways: Vec<&'a Access>,
}

impl<'a> Pace<'a> {
    /// The pace of the feeds of `list`, of which these packages are watched.
    pub(super) fn new(restraints: &'a Restraints, list: &WatchList, watched: &ByFeed) -> Self {
        let mut ways: Vec<&Access> = Vec::new();
        for state in restraints.budgets.values() {
            if !ways.contains(&&state.access) {
                ways.push(&state.access);
            }
        }
        let mut pace = Self {
            restraints,
            packages: BTreeMap::new(),
            ways,
        };
        for feed in &list.feeds {
            let packages = watched.get(&(feed.space.clone(), feed.id.clone()));
            let count = packages.map_or(0, Vec::len);
            for (key, _) in pace.budgets(feed) {
                *pace.packages.entry(key).or_default() += count;
            }
        }
        pace
    }

    /// The interval of a feed of the list. `None` while it is to be left alone.
    pub(super) fn interval(&self, feed: &Feed, usual: Span, now: Timestamp) -> Option<Span> {
        let budget = self.budgets(feed).into_iter().min_by_key(|(key, _)| *key);
        let Some((key, state)) = budget else {
            return Some(usual);
        };
        if state.throttled_until(now).is_some() {
            return None;
        }
        let packages = self.packages.get(key).copied().unwrap_or_default();
        Some(state.interval(packages, usual, now))
    }

    /// The budgets that the feed is counted with, of those that are to be spared.
    fn budgets(&self, feed: &Feed) -> Vec<(&'a BudgetKey, &'a BudgetState)> {
        let budgets = &self.restraints.budgets;
        let seen_with = |way: &&Access| {
            let found = budgets.get_key_value(&feed.budget(way));
            found.filter(|(_, state)| state.access == **way)
        };
        self.ways.iter().filter_map(seen_with).collect()
    }
}
