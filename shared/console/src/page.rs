//! The pages, one file each.

mod add;
mod feed;
mod feeds;
mod health;
mod simulation;
mod trigger;
mod triggers;

use domain::ids::{SpaceId, TriggerId};
use domain::trigger::Trigger;
use engine::ports::Clock;
use operator::overview::Look;

use crate::fault::Fault;
use crate::{Actions, Console, Memory, Octopus};

pub(crate) use add::Step;

impl<S: Memory, O: Octopus, C: Clock, H: Actions> Console<S, O, C, H> {
    /// Looks at what goes on, as `feedctl status` does.
    pub(crate) fn look(&self) -> Look<'_, S, O, C> {
        Look {
            store: Some(&self.store),
            octopus: &self.octopus,
            clock: &self.clock,
            settings: &self.settings.look,
        }
    }

    /// A trigger that is run here.
    pub(crate) async fn watched(&self, space: &SpaceId, id: &TriggerId) -> Result<Trigger, Fault> {
        let stored = self.store.watch_list().await?;
        let list = stored.map(|stored| stored.list).unwrap_or_default();
        list.trigger(space, id).cloned().ok_or(Fault::NoSuchTrigger)
    }
}
