//! The list of the previous refresh. A part of Octopus that cannot be read keeps its part of this list.

use std::collections::BTreeMap;

use domain::ids::{SpaceId, TriggerId};
use domain::problem::Problem;
use domain::trigger::{Trigger, WatchList};

/// The list that a refresh replaces.
#[derive(Clone, Copy, Debug)]
pub struct Previous<'a> {
    /// The list.
    pub list: &'a WatchList,
    /// Whether it is based on the same trigger file. A trigger of another file, or with options of another file, must not
    /// run again.
    pub has_same_file: bool,
    /// Whether its refresh ended early, so that it may lack triggers.
    pub is_unfinished: bool,
}

/// The triggers of the previous list by their keys.
pub(super) struct Known<'a> {
    triggers: BTreeMap<(&'a SpaceId, &'a TriggerId), &'a Trigger>,
    has_same_file: bool,
}

impl<'a> Known<'a> {
    pub(super) fn new(previous: Option<Previous<'a>>) -> Self {
        let list = previous.map(|previous| previous.list);
        let triggers = list.into_iter().flat_map(|list| &list.triggers);
        Self {
            triggers: triggers.map(|trigger| (trigger.key(), trigger)).collect(),
            has_same_file: previous.is_some_and(|previous| previous.has_same_file),
        }
    }

    pub(super) fn get(&self, space: &SpaceId, id: &TriggerId) -> Option<&'a Trigger> {
        self.triggers.get(&(space, id)).copied()
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &'a Trigger> {
        self.triggers.values().copied()
    }

    /// The trigger as it was, marked as stale; `unread` if it is not known, or not with this file.
    pub(super) fn or_stale(&self, unread: Trigger) -> Trigger {
        let reason = unread.problem.clone();
        match self.get(&unread.space, &unread.id) {
            Some(before) if self.has_same_file => stale(before, reason),
            _ => unread,
        }
    }

    /// The trigger as it was, marked as stale for this reason; with a problem if the file is another one.
    pub(super) fn keep(&self, before: &Trigger, reason: &Problem) -> Trigger {
        let mut kept = stale(before, Some(reason.clone()));
        if !self.has_same_file {
            kept.problem = Some(reason.clone());
        }
        kept
    }
}

fn stale(before: &Trigger, reason: Option<Problem>) -> Trigger {
    Trigger {
        stale: reason,
        ..before.clone()
    }
}
