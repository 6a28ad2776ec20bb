//! Whether everything has settled, and if not, what has not.

use std::rc::Rc;

use domain::ids::SpaceId;
use domain::ledger::Entry;
use engine::ports::{Budgets, PauseKey, SnapshotReader, WatchLists};
use futures_util::FutureExt;
use store::Store;

use crate::octopus::TriggerState;
use crate::ports::observer::Outside;
use crate::registry::SPACE;
use crate::world::World;

impl World {
    /// Why not everything is settled yet.
    pub(crate) fn unsettled(self: &Rc<Self>) -> Option<String> {
        if !self.is_idle() {
            return Some("messages are under way".to_owned());
        }
        if let Some(demand) = self.demands().into_iter().next() {
            return Some(demand);
        }
        self.unsettled_list()
            .or_else(|| self.unsettled_packages())
            .or_else(|| self.unsettled_ledger())
            .or_else(|| self.unsettled_pauses())
    }

    /// A trigger that is not yet listed as it is in Octopus, or that the last refresh could not read.
    fn unsettled_list(self: &Rc<Self>) -> Option<String> {
        let store = Store::with_clock(Outside(Rc::clone(self)), Outside(Rc::clone(self)));
        let Some(Ok(Some(stored))) = store.watch_list().now_or_never() else {
            return Some("the watch list cannot be read".to_owned());
        };
        let space = SpaceId::new(SPACE);
        let is_listed = |trigger: &TriggerState| {
            let listed = stored.list.trigger(&space, &trigger.id);
            listed.is_some_and(|listed| {
                let is_read = listed.problem.is_none() && listed.stale.is_none();
                is_read && listed.sources.len() == trigger.sources.len()
            })
        };
        let triggers = self.octopus.triggers.borrow();
        let mut ours = triggers.iter().filter(|trigger| trigger.is_ours());
        let unlisted = ours.find(|trigger| !is_listed(trigger))?;
        Some(format!("{} is not listed as it is", unlisted.name))
    }

    /// A snapshot that differs from its package or has a pending event.
    pub(crate) fn unsettled_packages(self: &Rc<Self>) -> Option<String> {
        let store = Store::with_clock(Outside(Rc::clone(self)), Outside(Rc::clone(self)));
        for index in self.watched() {
            let key = self.registry.key(index);
            let Some(row) = self.rows.get(&self.head_key(&key)) else {
                return Some(format!("{key} was never read"));
            };
            let head = wire::rows::head::decode(&row.body, row.revision).ok()?;
            if head.pending_event.is_some() {
                return Some(format!("{key} has a pending event"));
            }
            let snapshot = store.snapshot(&key).now_or_never();
            let Some(Ok(Some(snapshot))) = snapshot else {
                return Some(format!("the snapshot of {key} cannot be read"));
            };
            let seen: Vec<_> = snapshot
                .versions()
                .map(|(version, _)| version.to_owned())
                .collect();
            let packages = self.registry.packages.borrow();
            let truly: Vec<_> = packages[index].versions().keys().cloned().collect();
            if seen != truly {
                return Some(format!(
                    "the snapshot of {key} contains {seen:?}, the feed {truly:?}"
                ));
            }
        }
        None
    }

    fn unsettled_ledger(&self) -> Option<String> {
        for kind in ["lock#", "plan#"] {
            for row in self.rows.starting_with(kind) {
                let entry = wire::rows::ledger::decode(&row.body).ok()?;
                if let Some(Entry::Claimed { until, .. }) = entry
                    && until > self.time.now()
                {
                    return Some(format!("{} is claimed", row.key));
                }
            }
        }
        None
    }

    fn unsettled_pauses(self: &Rc<Self>) -> Option<String> {
        let store = Store::with_clock(Outside(Rc::clone(self)), Outside(Rc::clone(self)));
        let Some(Ok(restraints)) = store.restraints().now_or_never() else {
            return Some("the pauses cannot be read".to_owned());
        };
        let now = self.time.now();
        let mut budgets = restraints.budgets.iter();
        if let Some((key, _)) = budgets.find(|(_, state)| state.throttled_until(now).is_some()) {
            return Some(format!("{key} asked for a pause"));
        }
        let watched = self.watched();
        let is_watched = |key: &PauseKey| match key {
            PauseKey::Feed(_, feed) => watched
                .iter()
                .any(|package| self.registry.key(*package).feed == *feed),
            PauseKey::Package(key) => {
                let index = self.registry.find(&key.feed, &key.package);
                index.is_some_and(|index| watched.contains(&index))
            }
            PauseKey::Trigger(_, id) => {
                let triggers = self.octopus.triggers.borrow();
                triggers.iter().any(|one| one.id == *id && one.is_ours())
            }
        };
        let mut pauses = restraints.pauses.into_iter();
        let paused = pauses.find(|(key, _)| is_watched(key));
        paused.map(|(key, state)| format!("{key:?} is paused: {}", state.reason))
    }
}
