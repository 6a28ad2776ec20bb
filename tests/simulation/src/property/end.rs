//! The judgement of the end, once everything has settled.

use std::collections::BTreeSet;
use std::rc::Rc;

use domain::history::Outcome;
use domain::ids::{ReleaseId, SpaceId};
use engine::ports::History;
use futures_util::FutureExt;
use store::Store;

use crate::octopus::{ChannelState, ReleaseState};
use crate::ports::observer::Outside;
use crate::registry::SPACE;
use crate::world::World;

/// How many evaluations of a trigger are looked through for its releases.
const LOOK_BACK: usize = 10_000;

impl World {
    /// Judges the end.
    pub(crate) fn judge_end(self: &Rc<Self>) {
        for index in self.watched() {
            let key = self.registry.key(index);
            let announced = self.truth.announced.borrow();
            let is_missing = |generation: &u64| !announced.contains(&(key.clone(), *generation));
            let last = self.generation(&key).unwrap_or_default();
            if let Some(missing) = (1..=last).find(is_missing) {
                self.violated(|| format!("generation {missing} of {key} was never announced"));
            }
        }
        let recorded = self.recorded();
        let projects = self.octopus.projects.borrow();
        let ours: BTreeSet<_> = self
            .octopus
            .triggers
            .borrow()
            .iter()
            .filter(|trigger| trigger.is_ours())
            .map(|trigger| (trigger.project, trigger.channel))
            .collect();
        let channels = ours
            .iter()
            .map(|(project, channel)| &projects[*project].channels[*channel]);
        for made in channels.flat_map(uncovered) {
            let id = &made.release.id;
            if !recorded.contains(id) {
                self.violated(|| format!("{id} is not on record"));
            } else if !self.truth.created.borrow().contains(id) {
                self.violated(|| format!("no event of {id}"));
            }
        }
    }

    /// The releases in the triggers' histories.
    fn recorded(self: &Rc<Self>) -> BTreeSet<ReleaseId> {
        let store = Store::with_clock(Outside(Rc::clone(self)), Outside(Rc::clone(self)));
        let triggers = self.octopus.triggers.borrow();
        let evaluations = triggers.iter().flat_map(|trigger| {
            let space = SpaceId::new(SPACE);
            let recent = store.recent(&space, &trigger.id, LOOK_BACK).now_or_never();
            recent.and_then(Result::ok).unwrap_or_default()
        });
        evaluations
            .filter(|one| one.outcome == Outcome::Created)
            .filter_map(|one| Some(one.release?.id))
            .collect()
    }
}

/// The releases of a channel that this program made and can know of. A release of an interrupted evaluation is found as the
/// channel's newest one, unless a user makes another before that.
fn uncovered(channel: &ChannelState) -> impl Iterator<Item = &ReleaseState> {
    let releases = channel.releases.iter().enumerate();
    let is_covered = |at: usize| {
        channel
            .releases
            .get(at + 1)
            .is_some_and(|next| next.key.is_none())
    };
    let known = releases.filter(move |(at, made)| made.key.is_some() && !is_covered(*at));
    known.map(|(_, made)| made)
}
