//! Additional data from Octopus: its own triggers, and the names of projects and channels.

use std::collections::BTreeMap;

use domain::ids::{ChannelId, ProjectId, SpaceId};

use super::{Current, Look, Memory};
use engine::ports::{Catalogue, Clock, NativeTrigger, OctopusError, OctopusReader};

/// Triggers and names from Octopus.
#[derive(Default)]
pub(super) struct OctopusNames {
    /// Its own triggers; `None` if it did not answer.
    pub(super) natives: Option<Vec<(SpaceId, NativeTrigger)>>,
    pub(super) names: Names,
}

impl<S: Memory, O: OctopusReader + Catalogue, C: Clock> Look<'_, S, O, C> {
    /// Reads them; empty if Octopus did not answer before.
    pub(super) async fn names(&self, current: &Current) -> Result<OctopusNames, OctopusError> {
        if current.octopus_error.is_some() {
            return Ok(OctopusNames::default());
        }
        let mut natives = Vec::new();
        let mut names = Names::default();
        for space in &current.fresh.spaces {
            let own = self.octopus.feed_triggers(&space.id).await?;
            let triggers = &current.fresh.list.triggers;
            let is_used = triggers.iter().any(|one| one.space == space.id);
            if !own.is_empty() || is_used {
                names.read(self.octopus, &space.id).await?;
            }
            natives.extend(own.into_iter().map(|native| (space.id.clone(), native)));
        }
        Ok(OctopusNames {
            natives: Some(natives),
            names,
        })
    }
}

/// The names of projects and channels; ids if a name is unknown.
#[derive(Debug, Default)]
pub struct Names {
    projects: BTreeMap<(SpaceId, ProjectId), String>,
    channels: BTreeMap<(SpaceId, ChannelId), String>,
}

impl Names {
    /// Reads the names of a space.
    ///
    /// # Errors
    /// When Octopus fails.
    pub async fn read<O: Catalogue>(
        &mut self,
        octopus: &O,
        space: &SpaceId,
    ) -> Result<(), OctopusError> {
        for project in octopus.projects(space).await? {
            self.projects
                .insert((space.clone(), project.id), project.name);
        }
        for (channel, name) in octopus.channel_names(space).await? {
            self.channels.insert((space.clone(), channel), name);
        }
        Ok(())
    }

    /// The name of a project.
    pub fn project(&self, space: &SpaceId, id: &ProjectId) -> String {
        let name = self.projects.get(&(space.clone(), id.clone()));
        name.cloned().unwrap_or_else(|| id.to_string())
    }

    /// The name of a channel.
    pub fn channel(&self, space: &SpaceId, id: &ChannelId) -> String {
        let name = self.channels.get(&(space.clone(), id.clone()));
        name.cloned().unwrap_or_else(|| id.to_string())
    }
}
