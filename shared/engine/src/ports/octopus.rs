//! Octopus Server.

use std::collections::BTreeSet;

use domain::feed::Feed;
use domain::ids::{ChannelId, PackageKey, ProjectId, ReleaseId, SpaceId, TriggerId};
use domain::plan::Plan;
use domain::process::{Action, ChannelRule, PackageIdentity, ReleaseTemplate, RuleNames};
use domain::rule::VersionRule;
use domain::time::{Span, Timestamp};
use domain::trigger::SourceRef;

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
    /// have the same packages any more, or the server does not tell: then the process must be read again.
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

/// A space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Space {
    /// Its id.
    pub id: SpaceId,
    /// Its name.
    pub name: String,
    /// Its slug; empty on servers that have none.
    pub slug: String,
}

/// One of Octopus's own external feed triggers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NativeTrigger {
    /// Its id.
    pub id: TriggerId,
    /// Its name.
    pub name: String,
    /// Its description; empty if it has none.
    pub description: String,
    /// Disabled in Octopus.
    pub is_disabled: bool,
    /// Its project.
    pub project: ProjectId,
    /// The channel of its action; `None` means the project's default channel.
    pub channel: Option<ChannelId>,
    /// The package references that it watches.
    pub sources: Vec<SourceRef>,
    /// Why its other fields cannot be read; they are then empty.
    pub unreadable: Option<String>,
}

/// A project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// Its space.
    pub space: SpaceId,
    /// Its name.
    pub name: String,
    /// Whether the project is disabled; then it accepts no releases.
    pub is_disabled: bool,
    /// Its process's id, for projects in the database.
    pub process_id: Option<String>,
    /// The Git ref of the process and of releases, for projects with their process in Git: the default branch,
    /// unless the trigger's options name another one.
    pub git_ref: Option<String>,
}

impl Project {
    /// The project at the Git ref of a trigger's options; unchanged without one.
    ///
    /// # Errors
    /// [`OctopusErrorKind::Invalid`] if its process is not in Git.
    pub fn at(self, git_ref: Option<&str>) -> Result<Self, OctopusError> {
        let Some(name) = git_ref else {
            return Ok(self);
        };
        if self.git_ref.is_some() {
            let git_ref = Some(canonical(name));
            return Ok(Self { git_ref, ..self });
        }
        let message = format!(
            "the process of the project `{}` is not in Git, so it has no `{name}`; remove `gitRef`",
            self.name
        );
        Err(OctopusError {
            message,
            kind: OctopusErrorKind::Invalid,
            source: None,
        })
    }
}

/// The full name of a branch, which cannot be mistaken for a tag. A full name stays unchanged.
fn canonical(git_ref: &str) -> String {
    if git_ref.starts_with("refs/") {
        git_ref.to_owned()
    } else {
        format!("refs/heads/{git_ref}")
    }
}

/// A project's process as one channel uses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// All actions, including disabled ones and those of other channels.
    pub actions: Vec<Action>,
    /// The identifiers that channel rules may use instead of names.
    pub rule_names: RuleNames,
    /// The package references of all actions.
    pub identities: Vec<PackageIdentity>,
    /// The release template of the channel.
    pub template: ReleaseTemplate,
}

/// A channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// Its id.
    pub id: ChannelId,
    /// Its name.
    pub name: String,
    /// Its version rules.
    pub rules: Vec<ChannelRule>,
    /// The custom fields that every release in it must have, by their names.
    pub custom_fields: Vec<String>,
}

/// The documents of a project that a decision is based on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Documents {
    /// The project at the trigger's Git ref.
    pub project: Project,
    pub channel: Channel,
    pub process: Process,
}

/// A release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Its id.
    pub id: ReleaseId,
    /// Its number.
    pub version: String,
    /// When it was created, if the server returns it.
    pub assembled: Option<Timestamp>,
    /// Its notes; empty if it has none.
    pub notes: String,
    /// The selected packages: action name, package reference, version. The names are those of `process`.
    pub selected: Vec<(String, String, String)>,
    pub process: ReleasedProcess,
}

/// The process of a release, as Octopus stores it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReleasedProcess {
    /// The id of the snapshot. `None`: the server does not return it.
    pub snapshot: Option<String>,
    /// The commit of a process in Git.
    pub commit: Option<String>,
}

/// A failed call of Octopus.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct OctopusError {
    /// The problem with its subject and remedy, without the source.
    pub message: String,
    pub kind: OctopusErrorKind,
    /// The cause.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The kind of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OctopusErrorKind {
    /// The API key is missing, wrong or expired: 401.
    Unauthorized,
    /// The API key's user lacks a permission: 403.
    Forbidden,
    /// The object does not exist or cannot be seen: 404.
    NotFound,
    /// Octopus refuses the request as invalid: 400 and similar.
    Invalid,
    /// This server does not support the request; a newer one may.
    Unsupported,
    /// The project has a release of that number already.
    AlreadyExists,
    /// Octopus throttles requests; with the span of `Retry-After`, if any.
    Throttled(Option<Span>),
    /// Octopus cannot be reached, fails, or is in maintenance; the request had no effect.
    Unavailable,
    /// No answer arrived after the request was sent; it may have had an effect.
    Unknown,
    /// The answer does not have the form of Octopus's API.
    Malformed,
}

impl OctopusErrorKind {
    /// The span of `Retry-After`.
    pub fn retry_after(self) -> Option<Span> {
        match self {
            Self::Throttled(span) => span,
            _ => None,
        }
    }

    /// Whether the failure concerns the API key and so every request, not only the one that failed.
    pub fn concerns_key(self) -> bool {
        matches!(self, Self::Unauthorized | Self::Throttled(_))
    }

    /// Whether the server could not answer, so that a later request may succeed.
    pub fn is_temporary(self) -> bool {
        matches!(self, Self::Unavailable | Self::Unknown)
    }
}
