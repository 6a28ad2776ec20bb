//! What there is to choose from in Octopus, and adding to it. No step needs either.

use domain::ids::{ChannelId, ProjectId, SpaceId, TriggerId};
use domain::lifecycle::Lifecycle;
use domain::trigger::SourceRef;

use super::octopus::{Channel, OctopusError, Project};

/// Lists what there is to choose from.
pub trait Catalogue {
    /// Every project of the space that can be seen, by name.
    async fn projects(&self, space: &SpaceId) -> Result<Vec<Project>, OctopusError>;

    /// The channels of a project, the default one first.
    async fn channels(&self, project: &Project) -> Result<Vec<ListedChannel>, OctopusError>;

    /// What the channels of all projects of the space are called.
    async fn channel_names(
        &self,
        space: &SpaceId,
    ) -> Result<Vec<(ChannelId, String)>, OctopusError>;

    /// A lifecycle, with the phases that Octopus fills in where it has none, and environments by name.
    async fn lifecycle(&self, space: &SpaceId, id: &str) -> Result<Lifecycle, OctopusError>;

    /// Whether the server knows external feed triggers.
    async fn has_feed_triggers(&self) -> Result<bool, OctopusError>;
}

/// Adds triggers.
pub trait TriggerCreator {
    /// Creates an external feed trigger.
    ///
    /// # Errors
    /// [`OctopusErrorKind::Unsupported`](super::OctopusErrorKind::Unsupported) if the server does not know
    /// such triggers; [`OctopusErrorKind::Unknown`](super::OctopusErrorKind::Unknown) if no answer came: it
    /// may have been created.
    async fn create_trigger(&self, trigger: &NativeDraft) -> Result<TriggerId, OctopusError>;
}

/// A channel of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedChannel {
    /// The channel.
    pub channel: Channel,
    /// Releases without a channel go there.
    pub is_default: bool,
    /// The lifecycle that its releases go through: its own, or the project's. A channel of ephemeral
    /// environments has none.
    pub lifecycle: Option<String>,
}

/// An external feed trigger to be created in Octopus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NativeDraft {
    /// The space.
    pub space: SpaceId,
    /// The project.
    pub project: ProjectId,
    /// The channel.
    pub channel: ChannelId,
    /// The name, unique in its project.
    pub name: String,
    /// The description.
    pub description: String,
    /// Switched off.
    pub is_disabled: bool,
    /// What it watches.
    pub sources: Vec<SourceRef>,
}
