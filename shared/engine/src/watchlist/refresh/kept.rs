//! The parts of the previous list that stay, because their part of Octopus could not be read.

use std::collections::BTreeSet;

use domain::trigger::{Trigger, TriggerOrigin};

use super::super::native_trigger;
use super::failures::problem;
use super::{Refresh, Unresolved};
use crate::ports::{OctopusError, Space};

impl Refresh<'_> {
    /// Keeps the native triggers of a space whose triggers could not be listed.
    pub(super) fn keep_natives(&mut self, space: &Space, error: &OctopusError) {
        self.failed(&space.name, error);
        let of_space =
            |one: &&Trigger| one.space == space.id && one.origin == TriggerOrigin::Octopus;
        let kept: Vec<_> = self.known.all().filter(of_space).collect();
        let is_unread = kept.is_empty() || self.input.previous.is_some_and(|one| one.is_unfinished);
        self.is_space_unread |= is_unread && error.kind.is_temporary();
        for before in kept {
            let kept = self.known.keep(before, &problem(error));
            let listed = self.listed.entry(space.id.clone()).or_default();
            listed.insert(kept.id.clone());
            self.triggers.push(kept);
        }
    }

    /// Keeps all triggers of a space whose feeds could not be read.
    pub(super) fn keep_all(
        &mut self,
        space: &Space,
        unresolved: &Unresolved<'_>,
        error: &OctopusError,
    ) {
        self.failed(&space.name, error);
        for native in &unresolved.native {
            let unread = native_trigger::unresolved(&space.id, native, problem(error));
            self.triggers.push(self.known.or_stale(unread));
        }
        for located in &unresolved.in_file {
            let unread = located.unread(problem(error));
            self.triggers.push(self.known.or_stale(unread));
        }
    }

    /// Keeps the triggers of spaces that could not be found, if there are such spaces.
    pub(super) fn keep_spaces_not_found(&mut self) {
        let found: BTreeSet<_> = self.spaces.iter().map(|space| &space.id).collect();
        let reasons = self.failures.iter().filter(|failure| {
            let mut spaces = self.spaces.iter();
            spaces.all(|space| space.name != failure.space)
        });
        let Some(reason) = reasons.map(|failure| failure.problem.clone()).next() else {
            return;
        };
        let lost = self.known.all();
        let lost = lost.filter(|one| !found.contains(&one.space));
        let kept = lost.map(|one| self.known.keep(one, &reason));
        let kept: Vec<_> = kept.collect();
        self.triggers.extend(kept);
    }

    /// Adds the triggers that the refresh has not reached.
    pub(super) fn keep_remaining(&mut self) {
        let keys: BTreeSet<_> = self.triggers.iter().map(Trigger::key).collect();
        let remains = |one: &&Trigger| {
            let listed = self.listed.get(&one.space);
            !keys.contains(&one.key()) && listed.is_none_or(|ids| ids.contains(&one.id))
        };
        let remaining: Vec<_> = self.known.all().filter(remains).cloned().collect();
        self.triggers.extend(remaining);
    }
}
