//! The pages, one file each.

mod add;
mod feed;
mod feeds;
mod health;
mod projects;
mod simulation;
mod trigger;
mod triggers;
mod webhooks;

use std::sync::Arc;

use domain::ids::{SpaceId, TriggerId};
use domain::trigger::{Trigger, WatchList};
use engine::ports::Clock;
use operator::overview::Look;

use crate::page_error::PageError;
use crate::{Actions, Console, ConsoleOctopus, ConsoleStore};

pub(crate) use add::Step;
pub(crate) use simulation::set_options;

impl<S: ConsoleStore, O: ConsoleOctopus, C: Clock, H: Actions> Console<S, O, C, H> {
    /// The overview that `feedctl status` uses.
    pub(crate) fn look(&self) -> Look<'_, S, O, C> {
        Look {
            store: Some(&self.store),
            octopus: &self.octopus,
            clock: &self.clock,
            settings: &self.settings.look,
        }
    }

    /// A trigger of the watch list.
    pub(crate) async fn watched(
        &self,
        space: &SpaceId,
        id: &TriggerId,
    ) -> Result<Trigger, PageError> {
        Ok(self.watched_in_list(space, id).await?.0)
    }

    /// The trigger, with the watch list that contains it.
    pub(crate) async fn watched_in_list(
        &self,
        space: &SpaceId,
        id: &TriggerId,
    ) -> Result<(Trigger, Arc<WatchList>), PageError> {
        let stored = self.store.watch_list().await?;
        let list = stored.map(|stored| stored.list).unwrap_or_default();
        let trigger = list.trigger(space, id).cloned();
        Ok((trigger.ok_or(PageError::NoSuchTrigger)?, list))
    }
}
