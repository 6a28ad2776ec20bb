//! Lists for choosing projects and channels, and the creation of triggers. No step needs them.

use domain::ids::{ChannelId, ProjectId, SpaceId, TriggerId};
use domain::lifecycle::Lifecycle;
use domain::trigger::SourceRef;

use super::octopus::{Channel, OctopusError, Project};

/// Lists projects, channels and lifecycles.
pub trait Catalogue {
    /// Every visible project of the space, sorted by name.
    async fn projects(&self, space: &SpaceId) -> Result<Vec<Project>, OctopusError>;

    /// The channels of a project, the default one first.
    async fn channels(&self, project: &Project) -> Result<Vec<ListedChannel>, OctopusError>;

    /// The names of all channels of the space.
    async fn channel_names(
        &self,
        space: &SpaceId,
    ) -> Result<Vec<(ChannelId, String)>, OctopusError>;

    /// A lifecycle with environments by name. One without phases has those that Octopus derives.
    async fn lifecycle(&self, space: &SpaceId, id: &str) -> Result<Lifecycle, OctopusError>;

    /// Whether the server supports external feed triggers.
    async fn has_feed_triggers(&self) -> Result<bool, OctopusError>;
}

/// Creates triggers.
pub trait TriggerCreator {
    /// Creates an external feed trigger.
    ///
    /// # Errors
    /// [`OctopusErrorKind::Unsupported`](super::OctopusErrorKind::Unsupported) if the server does not support
    /// such triggers; [`OctopusErrorKind::Unknown`](super::OctopusErrorKind::Unknown) if no answer arrived: it
    /// may have been created.
    async fn create_trigger(&self, trigger: &NativeDraft) -> Result<TriggerId, OctopusError>;
}

/// Changes who runs a native trigger. Repeating a change is safe.
pub trait TriggerOwnership {
    /// Disables a native trigger in Octopus and marks it, so that this program runs it.
    ///
    /// # Errors
    /// [`OctopusErrorKind::Invalid`](super::OctopusErrorKind::Invalid) if a user disabled the trigger and
    /// `includes_disabled` is false, or if it is not an external feed trigger.
    async fn adopt(
        &self,
        space: &SpaceId,
        trigger: &TriggerId,
        includes_disabled: bool,
    ) -> Result<(), OctopusError>;

    /// Removes the mark from a native trigger and enables it, so that Octopus runs it again.
    ///
    /// # Errors
    /// [`OctopusErrorKind::Invalid`](super::OctopusErrorKind::Invalid) if the trigger was never adopted.
    async fn return_to_octopus(
        &self,
        space: &SpaceId,
        trigger: &TriggerId,
    ) -> Result<(), OctopusError>;
}

/// A channel of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedChannel {
    pub channel: Channel,
    /// Whether it is the project's default channel.
    pub is_default: bool,
    /// The lifecycle of its releases: its own, or the project's. `None` for a channel of ephemeral
    /// environments.
    pub lifecycle: Option<String>,
}

/// An external feed trigger to be created in Octopus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NativeDraft {
    pub space: SpaceId,
    pub project: ProjectId,
    pub channel: ChannelId,
    /// The name, unique in its project.
    pub name: String,
    pub description: String,
    pub is_disabled: bool,
    /// The package references that it watches.
    pub sources: Vec<SourceRef>,
}
