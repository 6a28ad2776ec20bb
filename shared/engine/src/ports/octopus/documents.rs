//! The documents of Octopus Server that a decision needs.

use domain::ids::{ChannelId, ProjectId, ReleaseId, SpaceId, TriggerId};
use domain::process::{Action, ChannelRule, PackageIdentity, ReleaseTemplate, RuleNames};
use domain::time::Timestamp;
use domain::trigger::SourceRef;

use super::{OctopusError, OctopusErrorKind};

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
