//! Octopus Server.

mod documents;
mod error;

pub use documents::{
    Channel, Documents, NativeTrigger, Process, Project, Release, ReleasedProcess, Space,
};
pub use error::{OctopusError, OctopusErrorKind};

use std::collections::BTreeSet;

use domain::build_information::BuildInformation;
use domain::feed::Feed;
use domain::ids::{ChannelId, PackageKey, ProjectId, SpaceId, TriggerId};
use domain::plan::Plan;
use domain::process::PackageIdentity;
use domain::rule::VersionRule;

/// Reads from Octopus.
pub trait OctopusReader {
    /// The named spaces, by name without case or by id; `*` means all visible spaces.
    ///
    /// # Errors
    /// [`OctopusErrorKind::NotFound`] naming a space that cannot be seen.
    async fn spaces(&self, names: &[String]) -> Result<Vec<Space>, OctopusError>;

    /// Every trigger of the space with a `FeedFilter` and a `CreateRelease` action, enabled or disabled. Empty on
    /// servers without such triggers.
    async fn feed_triggers(&self, space: &SpaceId) -> Result<Vec<NativeTrigger>, OctopusError>;

    /// A reader for one refresh of the watch list. It may answer from documents that
    /// [`preload`](Self::preload) read in bulk.
    fn for_refresh(&self) -> impl OctopusReader
    where
        Self: Sized,
    {
        self
    }

    /// Prepares a reader [for a refresh](Self::for_refresh) for the projects, channels and processes of these triggers, and
    /// for the projects that other triggers name, with their channels and processes.
    ///
    /// # Errors
    /// If the API key is rejected or throttled. Documents that cannot be read are left to the single calls.
    async fn preload(
        &self,
        space: &SpaceId,
        triggers: &[NativeTrigger],
        named: &BTreeSet<&str>,
    ) -> Result<(), OctopusError> {
        let _ = (space, triggers, named);
        Ok(())
    }

    /// One trigger of [`feed_triggers`](Self::feed_triggers), read on its own. `None` if it was deleted or is not an
    /// external feed trigger that creates releases.
    async fn feed_trigger(
        &self,
        space: &SpaceId,
        trigger: &TriggerId,
    ) -> Result<Option<NativeTrigger>, OctopusError> {
        let triggers = self.feed_triggers(space).await?;
        Ok(triggers.into_iter().find(|one| one.id == *trigger))
    }

    /// Every feed of the space.
    async fn feeds(&self, space: &SpaceId) -> Result<Vec<Feed>, OctopusError>;

    /// A project.
    async fn project(&self, space: &SpaceId, project: &ProjectId) -> Result<Project, OctopusError>;

    /// A project by its name or slug, without case, or by its id.
    ///
    /// # Errors
    /// [`OctopusErrorKind::NotFound`] if there is none that can be seen.
    async fn find_project(&self, space: &SpaceId, name: &str) -> Result<Project, OctopusError>;

    /// The actions of the project's process, and the release template for a channel; at
    /// [`Project::git_ref`] for projects whose process is in Git.
    async fn process(
        &self,
        project: &Project,
        channel: &ChannelId,
    ) -> Result<Process, OctopusError>;

    /// A process that was read before, with the project's next release number now. `None` if the release template does not
    /// have the same packages any more, or the server does not return it: then the process must be read again.
    async fn renumbered(
        &self,
        project: &Project,
        channel: &ChannelId,
        known: &Process,
    ) -> Result<Option<Process>, OctopusError> {
        let _ = (project, channel, known);
        Ok(None)
    }

    /// A channel of the project; `None` means its default channel.
    async fn channel(
        &self,
        project: &Project,
        channel: Option<&ChannelId>,
    ) -> Result<Channel, OctopusError>;

    /// A channel of the project by its name or slug, without case, or by its id.
    ///
    /// # Errors
    /// [`OctopusErrorKind::NotFound`] if there is none that can be seen.
    async fn find_channel(&self, project: &Project, name: &str) -> Result<Channel, OctopusError>;

    /// The channel's releases, newest first, at most `most`.
    async fn releases(
        &self,
        project: &Project,
        channel: &ChannelId,
        most: usize,
    ) -> Result<Vec<Release>, OctopusError>;

    /// The package references of the process of one of the project's releases. `None` if Octopus does not return them.
    async fn released_packages(
        &self,
        project: &Project,
        process: &ReleasedProcess,
    ) -> Result<Option<Vec<PackageIdentity>>, OctopusError>;

    /// Every version of the package that the rule's conditions permit, as the server evaluates them. The rule's
    /// strategy is ignored. Empty if there is no such version or package.
    ///
    /// # Errors
    /// [`OctopusErrorKind::Unsupported`] if the server does not support one of the rule's conditions. The
    /// default implementation always returns it.
    fn permitted(
        &self,
        package: &PackageKey,
        rule: &VersionRule,
    ) -> impl Future<Output = Result<Vec<String>, OctopusError>> {
        let message = format!(
            "{} cannot be asked which versions {rule} permits; simplify the rule",
            package.feed
        );
        let kind = OctopusErrorKind::Unsupported;
        async move {
            Err(OctopusError {
                message,
                kind,
                source: None,
            })
        }
    }

    /// Whether the package has a version that the rule permits, as the server evaluates it: the version that a release
    /// gets whose plan does not name the package. `Ok(false)` if there is no such version or package.
    async fn has_permitted(
        &self,
        package: &PackageKey,
        rule: &VersionRule,
    ) -> Result<bool, OctopusError> {
        Ok(!self.permitted(package, rule).await?.is_empty())
    }

    /// The build of a package's version, by one request. `None` if no build server pushed it.
    async fn build_information(
        &self,
        space: &SpaceId,
        package: &str,
        version: &str,
    ) -> Result<Option<BuildInformation>, OctopusError> {
        let _ = (space, package, version);
        Ok(None)
    }
}

impl<O: OctopusReader> OctopusReader for &O {
    async fn spaces(&self, names: &[String]) -> Result<Vec<Space>, OctopusError> {
        O::spaces(self, names).await
    }

    async fn feed_triggers(&self, space: &SpaceId) -> Result<Vec<NativeTrigger>, OctopusError> {
        O::feed_triggers(self, space).await
    }

    async fn preload(
        &self,
        space: &SpaceId,
        triggers: &[NativeTrigger],
        named: &BTreeSet<&str>,
    ) -> Result<(), OctopusError> {
        O::preload(self, space, triggers, named).await
    }

    async fn feed_trigger(
        &self,
        space: &SpaceId,
        trigger: &TriggerId,
    ) -> Result<Option<NativeTrigger>, OctopusError> {
        O::feed_trigger(self, space, trigger).await
    }

    async fn feeds(&self, space: &SpaceId) -> Result<Vec<Feed>, OctopusError> {
        O::feeds(self, space).await
    }

    async fn project(&self, space: &SpaceId, project: &ProjectId) -> Result<Project, OctopusError> {
        O::project(self, space, project).await
    }

    async fn find_project(&self, space: &SpaceId, name: &str) -> Result<Project, OctopusError> {
        O::find_project(self, space, name).await
    }

    async fn process(
        &self,
        project: &Project,
        channel: &ChannelId,
    ) -> Result<Process, OctopusError> {
        O::process(self, project, channel).await
    }

    async fn renumbered(
        &self,
        project: &Project,
        channel: &ChannelId,
        known: &Process,
    ) -> Result<Option<Process>, OctopusError> {
        O::renumbered(self, project, channel, known).await
    }

    async fn channel(
        &self,
        project: &Project,
        channel: Option<&ChannelId>,
    ) -> Result<Channel, OctopusError> {
        O::channel(self, project, channel).await
    }

    async fn find_channel(&self, project: &Project, name: &str) -> Result<Channel, OctopusError> {
        O::find_channel(self, project, name).await
    }

    async fn releases(
        &self,
        project: &Project,
        channel: &ChannelId,
        most: usize,
    ) -> Result<Vec<Release>, OctopusError> {
        O::releases(self, project, channel, most).await
    }

    async fn released_packages(
        &self,
        project: &Project,
        process: &ReleasedProcess,
    ) -> Result<Option<Vec<PackageIdentity>>, OctopusError> {
        O::released_packages(self, project, process).await
    }

    async fn permitted(
        &self,
        package: &PackageKey,
        rule: &VersionRule,
    ) -> Result<Vec<String>, OctopusError> {
        O::permitted(self, package, rule).await
    }

    async fn has_permitted(
        &self,
        package: &PackageKey,
        rule: &VersionRule,
    ) -> Result<bool, OctopusError> {
        O::has_permitted(self, package, rule).await
    }

    async fn build_information(
        &self,
        space: &SpaceId,
        package: &str,
        version: &str,
    ) -> Result<Option<BuildInformation>, OctopusError> {
        O::build_information(self, space, package, version).await
    }
}

/// Creates releases.
pub trait ReleaseCreator {
    /// Creates the release that the plan describes. Packages that the plan does not name get the latest
    /// version that the rules permit.
    ///
    /// # Errors
    /// [`OctopusErrorKind::AlreadyExists`] if the project has a release of that number;
    /// [`OctopusErrorKind::Unknown`] if no answer arrived after the request was sent: the release may exist.
    async fn create(
        &self,
        project: &Project,
        process: &Process,
        channel: &Channel,
        plan: &Plan,
    ) -> Result<Release, OctopusError>;
}
