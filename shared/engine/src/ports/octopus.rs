//! Octopus Server.

use domain::feed::Feed;
use domain::ids::{ChannelId, PackageKey, ProjectId, ReleaseId, SpaceId, TriggerId};
use domain::plan::Plan;
use domain::process::{Action, ChannelRule, ReleaseTemplate, RuleNames};
use domain::rule::VersionRule;
use domain::time::{Span, Timestamp};
use domain::trigger::SourceRef;

/// Reads what Octopus knows.
pub trait OctopusReader {
    /// The wanted spaces, by name without case or by id; `*` stands for all that can be seen.
    ///
    /// # Errors
    /// [`OctopusErrorKind::NotFound`] naming a wanted space that cannot be seen.
    async fn spaces(&self, wanted: &[String]) -> Result<Vec<Space>, OctopusError>;

    /// Every trigger of the space with a `FeedFilter` and a `CreateRelease` action, on or off. Empty on
    /// servers that have no such triggers.
    async fn feed_triggers(&self, space: &SpaceId) -> Result<Vec<NativeTrigger>, OctopusError>;

    /// A reader for one refresh of the watch list. It may answer from documents that
    /// [`preload`](Self::preload) read in bulk.
    fn for_refresh(&self) -> impl OctopusReader
    where
        Self: Sized,
    {
        self
    }

    /// Prepares a reader [for a refresh](Self::for_refresh) for the projects, channels and processes of these triggers.
    ///
    /// # Errors
    /// If the API key is rejected or throttled. Documents that cannot be read are left to the single calls.
    async fn preload(
        &self,
        space: &SpaceId,
        triggers: &[NativeTrigger],
    ) -> Result<(), OctopusError> {
        let _ = (space, triggers);
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

    /// A channel of the project; `None` stands for its default channel.
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

    /// Every version of the package that the rule's conditions permit, by the server's own judgement;
    /// the rule's strategy is of no account. Empty if there is none, or no such package.
    ///
    /// # Errors
    /// [`OctopusErrorKind::Unsupported`] if the server does not know one of the rule's conditions. That
    /// is the answer of a reader which cannot ask at all.
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
}

impl<O: OctopusReader> OctopusReader for &O {
    async fn spaces(&self, wanted: &[String]) -> Result<Vec<Space>, OctopusError> {
        O::spaces(self, wanted).await
    }

    async fn feed_triggers(&self, space: &SpaceId) -> Result<Vec<NativeTrigger>, OctopusError> {
        O::feed_triggers(self, space).await
    }

    async fn preload(
        &self,
        space: &SpaceId,
        triggers: &[NativeTrigger],
    ) -> Result<(), OctopusError> {
        O::preload(self, space, triggers).await
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

    async fn permitted(
        &self,
        package: &PackageKey,
        rule: &VersionRule,
    ) -> Result<Vec<String>, OctopusError> {
        O::permitted(self, package, rule).await
    }
}

/// Creates releases.
pub trait ReleaseCreator {
    /// Creates the release that the plan describes. Packages that the plan does not name get the latest
    /// version that the rules permit.
    ///
    /// # Errors
    /// [`OctopusErrorKind::AlreadyExists`] if the project has a release of that number;
    /// [`OctopusErrorKind::Unknown`] if the request was sent and no answer came: the release may exist.
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
    /// Switched off in Octopus.
    pub is_disabled: bool,
    /// Its project.
    pub project: ProjectId,
    /// The channel of its action; absent stands for the project's default channel.
    pub channel: Option<ChannelId>,
    /// What it watches.
    pub sources: Vec<SourceRef>,
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
    /// A disabled project takes no releases.
    pub is_disabled: bool,
    /// Its process's id, for projects in the database.
    pub process_id: Option<String>,
    /// The branch or tag to read the process at and to release, for projects whose process is in Git:
    /// the default branch, unless somebody chose another one.
    pub git_ref: Option<String>,
}

impl Project {
    /// The project at the branch or tag that somebody chose, or as it is.
    ///
    /// # Errors
    /// [`OctopusErrorKind::Invalid`] if its process is not in Git.
    pub fn at(self, chosen: Option<&str>) -> Result<Self, OctopusError> {
        let Some(chosen) = chosen else {
            return Ok(self);
        };
        if self.git_ref.is_some() {
            let git_ref = Some(canonical(chosen));
            return Ok(Self { git_ref, ..self });
        }
        let message = format!(
            "the process of the project `{}` is not in Git, so there is no `{chosen}` of it; leave `gitRef` \
             out",
            self.name
        );
        Err(OctopusError {
            message,
            kind: OctopusErrorKind::Invalid,
            source: None,
        })
    }
}

/// The full name of a branch, so that it cannot be taken for a tag. What is a full name stays.
fn canonical(git_ref: &str) -> String {
    if git_ref.starts_with("refs/") {
        git_ref.to_owned()
    } else {
        format!("refs/heads/{git_ref}")
    }
}

/// A project's process, seen from one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// All actions, those of other channels and disabled ones too.
    pub actions: Vec<Action>,
    /// The identifiers that channel rules may use instead of names.
    pub rule_names: RuleNames,
    /// What a release in the channel selects.
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

/// A release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Its id.
    pub id: ReleaseId,
    /// Its number.
    pub version: String,
    /// When it was made, where the server says so.
    pub assembled: Option<Timestamp>,
    /// Its notes; empty if it has none.
    pub notes: String,
    /// What it selected: action name, package reference, version.
    pub selected: Vec<(String, String, String)>,
}

/// A call that Octopus did not carry out.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct OctopusError {
    /// What went wrong and what to do about it, naming the subject. It does not repeat the source.
    pub message: String,
    /// What it means.
    pub kind: OctopusErrorKind,
    /// The cause.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What a failure means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OctopusErrorKind {
    /// The API key is missing, wrong or expired: 401.
    Unauthorized,
    /// The API key's user lacks a permission: 403.
    Forbidden,
    /// It is not there, or cannot be seen: 404.
    NotFound,
    /// Octopus refuses the request as it is: 400 and the like.
    Invalid,
    /// This server cannot do what is asked for; a newer one may.
    Unsupported,
    /// The project has a release of that number already.
    AlreadyExists,
    /// Octopus asks for a pause; the span where it says how long.
    Throttled(Option<Span>),
    /// Octopus cannot be reached, fails, or is in maintenance; nothing was done.
    Unavailable,
    /// The request was sent and no answer came; it may have been carried out.
    Unknown,
    /// The answer is not what Octopus answers.
    Malformed,
}

impl OctopusErrorKind {
    /// The pause that Octopus asked for.
    pub fn retry_after(self) -> Option<Span> {
        match self {
            Self::Throttled(span) => span,
            _ => None,
        }
    }
}
