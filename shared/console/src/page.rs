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
use engine::ports::{Clock, StoreError};

use crate::fault::Fault;
use crate::{Console, Hand, Memory, Octopus};

pub(crate) use add::Step;

impl<S: Memory, O: Octopus, C: Clock, H: Hand> Console<S, O, C, H> {
    /// The list as it was last read; empty if it never was.
    pub(crate) async fn list(&self) -> Result<domain::trigger::WatchList, StoreError> {
        let stored = self.store.watch_list().await?;
        Ok(stored.map(|stored| stored.list).unwrap_or_default())
    }

    /// A trigger that is run here.
    pub(crate) async fn watched(&self, space: &SpaceId, id: &TriggerId) -> Result<Trigger, Fault> {
        let list = self.list().await?;
        list.trigger(space, id).cloned().ok_or(Fault::NoSuchTrigger)
    }
}
