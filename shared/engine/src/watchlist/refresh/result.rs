//! The list that results from a refresh.

use std::collections::BTreeSet;

use domain::time::Timestamp;
use domain::trigger::{Trigger, WatchList};

use super::{FreshList, Refresh};
use crate::ports::RefreshProgress;

impl Refresh<'_> {
    /// The list: what was read, and the previous list for the rest. `None` if nothing was read.
    pub(in crate::watchlist) fn into_list(mut self) -> Option<FreshList> {
        if !self.is_complete {
            if self.triggers.is_empty() {
                return None;
            }
            self.keep_remaining();
        }
        let input = self.input;
        for trigger in &mut self.triggers {
            let before = self.known.get(&trigger.space, &trigger.id);
            let since = before.map(|before| before.since);
            let is_valid =
                |since: &Timestamp| *since != Timestamp::default() && !since.is_ahead_of(input.now);
            let since = since.filter(is_valid);
            trigger.since = since.unwrap_or(input.now);
        }
        let started = input.progress.map_or(input.now, |before| before.started);
        let progress = if !self.is_complete {
            let done = self.done.clone();
            Some(RefreshProgress { started, done })
        } else if self.is_space_unread {
            let done = input.progress.map(|before| before.done.clone());
            let done = done.unwrap_or_default();
            Some(RefreshProgress { started, done })
        } else {
            None
        };
        Some(FreshList {
            list: self.list(),
            spaces: self.spaces,
            problems: self.problems,
            failures: self.failures,
            progress,
        })
    }

    /// The triggers with their feeds and details. Those of triggers that were not read now are the previous ones.
    fn list(&mut self) -> WatchList {
        let empty = WatchList::default();
        let previous = self.input.previous.map_or(&empty, |before| before.list);
        let used: BTreeSet<_> = self.triggers.iter().flat_map(Trigger::packages).collect();
        let mut feeds = Vec::new();
        let mut known = BTreeSet::new();
        let fresh = self.feeds.values().flatten();
        let of_before = previous.feeds.iter();
        let of_before = of_before.filter(|feed| !self.feeds.contains_key(&feed.space));
        let ids: BTreeSet<_> = used.iter().map(|key| (&key.space, &key.feed)).collect();
        for feed in fresh.chain(of_before) {
            let id = (&feed.space, &feed.id);
            if ids.contains(&id) && known.insert(id) {
                feeds.push(feed.clone());
            }
        }
        let is_unread = |trigger: &&Trigger| {
            let key = (trigger.space.clone(), trigger.id.clone());
            let is_continued = self
                .input
                .progress
                .is_some_and(|one| one.done.contains(&key));
            trigger.stale.is_some() || is_continued || !self.done.contains(&key)
        };
        let unread = self.triggers.iter().filter(is_unread);
        for package in unread.flat_map(Trigger::packages) {
            if let Some(before) = previous.details.get(package) {
                self.details.keep(package, before);
            }
        }
        WatchList {
            triggers: std::mem::take(&mut self.triggers),
            feeds,
            details: std::mem::take(&mut self.details.details),
        }
    }
}
