//! The property of every history: releases are exactly the true changes that the triggers select.
//!
//! It is judged by the true content of Octopus and the registries, without the program's own decisions. A release must move
//! at least one package forward (else it is doubled) and none back, name only versions that truly were the latest permitted
//! ones, and belong to an adopted trigger. Once everything has settled, no trigger has an unreleased change (else it is
//! lost), every change of a snapshot was announced, every release is recorded, nothing is pending, claimed or paused, and
//! the snapshots equal the packages.

mod end;
mod moment;
mod settled;

use std::collections::BTreeSet;

use crate::octopus::{ActionState, ReleaseState, TriggerState};
use crate::registry::{Number, number};
use crate::world::World;

impl World {
    /// Records a violation.
    pub(crate) fn violated(&self, what: impl FnOnce() -> String) {
        let what = what();
        self.log(|| format!("VIOLATED: {what}"));
        self.truth.violations.borrow_mut().push(what);
    }

    pub(crate) fn is_violated(&self) -> bool {
        !self.truth.violations.borrow().is_empty()
    }

    /// The trigger's unreleased versions.
    pub(crate) fn demand(&self, trigger: &TriggerState) -> Option<String> {
        if !trigger.is_ours() {
            return None;
        }
        let projects = self.octopus.projects.borrow();
        let project = &projects[trigger.project];
        let channel = &project.channels[trigger.channel];
        let packages = self.registry.packages.borrow();
        let previous = channel.releases.last();
        let (mut is_newer, mut selection, mut versions) = (false, Vec::new(), Vec::new());
        for action in &trigger.sources {
            let ActionState {
                slug,
                name,
                package,
            } = &project.actions[*action];
            let latest = packages[*package].latest(channel.permits)?;
            let before = previous.and_then(|release| version_of(release, slug));
            match before {
                Some(before) if latest < before => return None,
                Some(before) if latest == before => {}
                _ => is_newer = true,
            }
            selection.push((name.clone(), crate::registry::text(latest)));
            versions.push((slug.as_str(), latest));
        }
        let asked = format!("{} asks for {selection:?} in {}", trigger.name, channel.id);
        if stays(&channel.releases, &versions) {
            return None;
        }
        selection.sort();
        let made = (trigger.project, trigger.channel, selection);
        // A release that a user deleted is not made again.
        (is_newer && !self.truth.made.borrow().contains(&made)).then_some(asked)
    }

    /// The unreleased versions of all triggers.
    pub(crate) fn demands(&self) -> Vec<String> {
        let triggers = self.octopus.triggers.borrow();
        triggers.iter().filter_map(|one| self.demand(one)).collect()
    }

    fn watched(&self) -> BTreeSet<usize> {
        let projects = self.octopus.projects.borrow();
        let triggers = self.octopus.triggers.borrow();
        let ours = triggers.iter().filter(|trigger| trigger.is_ours());
        let sources = ours.flat_map(|trigger| {
            let actions = &projects[trigger.project].actions;
            let sources = trigger.sources.iter();
            sources.map(|action| actions[*action].package)
        });
        sources.collect()
    }
}

/// Whether the newest release was made by hand after one of this program with these versions, and so stays.
fn stays(releases: &[ReleaseState], latest: &[(&str, Number)]) -> bool {
    let has = |release: &ReleaseState| {
        let mut latest = latest.iter();
        release.key.is_some() && latest.all(|(slug, one)| version_of(release, slug) == Some(*one))
    };
    let is_by_hand = releases.last().is_some_and(|newest| newest.key.is_none());
    is_by_hand && releases.iter().any(has)
}

/// The version of the action with this slug.
fn version_of(release: &ReleaseState, slug: &str) -> Option<Number> {
    let mut actions = release.actions.iter();
    let action = actions.find(|action| action.slug == slug)?;
    let mut selected = release.release.selected.iter();
    number(&selected.find(|(name, ..)| *name == action.name)?.2)
}
