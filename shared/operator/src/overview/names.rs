//! Octopus's own triggers, and the names of projects and channels.

use std::collections::BTreeMap;

use domain::ids::{ChannelId, ProjectId, SpaceId};

use engine::ports::{Catalogue, NativeTrigger, OctopusError};

/// Triggers and names from Octopus.
#[derive(Default)]
pub(super) struct OctopusNames {
    /// Its own triggers, for each space whose triggers could be read.
    pub(super) natives: BTreeMap<SpaceId, Vec<NativeTrigger>>,
    pub(super) names: ProjectNames,
}

/// The names of projects and channels; ids if a name is unknown.
#[derive(Debug, Default)]
pub struct ProjectNames {
    projects: BTreeMap<(SpaceId, ProjectId), String>,
    channels: BTreeMap<(SpaceId, ChannelId), String>,
}

impl ProjectNames {
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
