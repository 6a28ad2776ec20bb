//! The world: the server's state, as plain data behind one lock.
//!
//! [`build`] builds it from a seed. Routes read and change it; this module does not use HTTP. Resources are found
//! as in the real server: by id, slug or name without regard to case.

mod build;
mod feed;
mod ids;
mod process;
mod project;
mod release;

use std::collections::BTreeMap;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

pub(crate) use build::{build, release as build_release, rules as build_rules};
pub(crate) use feed::{Feed, StoredPackage, StoredVersion};
pub(crate) use ids::{Ids, guid, slug};
pub(crate) use process::{Action, PackageReference, Step, Variable, evaluate};
pub(crate) use project::{Branch, Channel, Git, Project, Rule, RulePackage, Trigger, Versioning};
pub use release::{Release, SelectedPackage, VersionControlReference};

use crate::features::ServerVersion;

/// Patterns that only .NET evaluates, each with the versions that it matches.
pub(crate) type DotNetPatterns = BTreeMap<String, Vec<String>>;

/// The server's state.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) version: ServerVersion,
    pub(crate) users: Vec<User>,
    pub(crate) spaces: Vec<Space>,
    pub(crate) events: Vec<Event>,
    pub(crate) tasks: Vec<Task>,
    pub(crate) defects: Vec<Defect>,
    pub(crate) ids: Ids,
    /// Reads are answered, writes are refused.
    pub(crate) in_maintenance: bool,
    /// The time that a test has set, otherwise the machine's.
    pub(crate) clock: Option<Timestamp>,
}

/// A user.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) username: String,
    pub(crate) display_name: String,
    pub(crate) is_service: bool,
    pub(crate) api_keys: Vec<SecretString>,
    pub(crate) access_tokens: Vec<SecretString>,
    /// Removed permissions.
    pub(crate) lacks: Vec<String>,
}

/// A space.
#[derive(Clone, Debug)]
pub(crate) struct Space {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) slug: String,
    pub(crate) is_default: bool,
    pub(crate) feeds: Vec<Feed>,
    pub(crate) lifecycles: Vec<Lifecycle>,
    pub(crate) environments: Vec<Environment>,
    pub(crate) projects: Vec<Project>,
    pub(crate) dotnet: DotNetPatterns,
    /// Build information as documents, oldest first.
    pub(crate) builds: Vec<serde_json::Value>,
}

/// An environment.
#[derive(Clone, Debug)]
pub(crate) struct Environment {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) slug: String,
}

/// A lifecycle.
#[derive(Clone, Debug)]
pub(crate) struct Lifecycle {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) slug: String,
    pub(crate) phases: Vec<Phase>,
}

/// A phase; environments by id.
#[derive(Clone, Debug)]
pub(crate) struct Phase {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) automatic: Vec<String>,
    pub(crate) optional: Vec<String>,
    pub(crate) is_optional: bool,
}

/// An entry of the audit trail: a release was created.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) number: u32,
    pub(crate) space: String,
    pub(crate) project: String,
    pub(crate) release: String,
    pub(crate) version: String,
    pub(crate) message: String,
    pub(crate) user: User,
    pub(crate) user_agent: String,
    pub(crate) occurred: Timestamp,
}

/// A defect of a release.
#[derive(Clone, Debug)]
pub(crate) struct Defect {
    pub(crate) id: String,
    /// The release's id.
    pub(crate) release: String,
    pub(crate) description: String,
    pub(crate) is_resolved: bool,
}

/// A server task: a deployment.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub(crate) id: String,
    pub(crate) space: String,
    pub(crate) project: String,
    pub(crate) release: String,
    pub(crate) environment: String,
    pub(crate) description: String,
    pub(crate) queued: Timestamp,
}

impl Task {
    /// The id of its deployment.
    pub(crate) fn deployment(&self) -> String {
        self.id.replace("ServerTasks", "Deployments")
    }
}

impl World {
    /// The time now.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.unwrap_or_else(Timestamp::now)
    }

    /// The index of the user with this API key.
    pub(crate) fn user_by_key(&self, key: &str) -> Option<usize> {
        self.users.iter().position(|user| {
            user.api_keys
                .iter()
                .any(|known| known.expose_secret() == key)
        })
    }

    /// The index of the user with this access token.
    pub(crate) fn user_by_token(&self, token: &str) -> Option<usize> {
        self.users.iter().position(|user| {
            user.access_tokens
                .iter()
                .any(|known| known.expose_secret() == token)
        })
    }

    /// The default space, if there is one.
    pub(crate) fn default_space(&self) -> Option<usize> {
        self.spaces.iter().position(|space| space.is_default)
    }

    /// A space by its id or slug.
    pub(crate) fn space(&self, id: &str) -> Option<usize> {
        self.spaces
            .iter()
            .position(|space| same(&space.id, id) || same(&space.slug, id))
    }

    /// Every project of every space.
    pub(crate) fn projects_mut(&mut self) -> impl Iterator<Item = &mut Project> {
        self.spaces.iter_mut().flat_map(|space| &mut space.projects)
    }
}

impl Space {
    /// A feed by its id, slug or name. The built-in feed also has its well-known id.
    pub(crate) fn feed(&self, id: &str) -> Option<&Feed> {
        self.feeds.iter().find(|feed| feed.goes_by(id))
    }

    /// A project by its id or slug.
    pub(crate) fn project(&self, id: &str) -> Option<&Project> {
        self.projects
            .iter()
            .find(|project| same(&project.id, id) || same(&project.slug, id))
    }

    /// The same, to be changed.
    pub(crate) fn project_mut(&mut self, id: &str) -> Option<&mut Project> {
        self.projects
            .iter_mut()
            .find(|project| same(&project.id, id) || same(&project.slug, id))
    }

    /// A lifecycle by its id or slug.
    pub(crate) fn lifecycle(&self, id: &str) -> Option<&Lifecycle> {
        self.lifecycles
            .iter()
            .find(|lifecycle| same(&lifecycle.id, id) || same(&lifecycle.slug, id))
    }

    /// A channel by its id, with its project.
    pub(crate) fn channel(&self, id: &str) -> Option<(&Project, &Channel)> {
        self.projects
            .iter()
            .flat_map(|project| {
                project
                    .channels
                    .iter()
                    .map(move |channel| (project, channel))
            })
            .find(|(_, channel)| same(&channel.id, id))
    }

    /// A release by its id, with its project.
    pub(crate) fn release(&self, id: &str) -> Option<(&Project, &Release)> {
        self.projects
            .iter()
            .flat_map(|project| {
                project
                    .releases
                    .iter()
                    .map(move |release| (project, release))
            })
            .find(|(_, release)| same(&release.id, id))
    }

    /// The lifecycle of the channel's releases.
    pub(crate) fn lifecycle_of(&self, project: &Project, channel: &Channel) -> Option<&Lifecycle> {
        self.lifecycle(channel.lifecycle.as_deref().unwrap_or(&project.lifecycle))
    }
}

impl Lifecycle {
    /// The phases, or one for each environment when there are none.
    pub(crate) fn effective_phases(&self, environments: &[Environment]) -> Vec<Phase> {
        if !self.phases.is_empty() {
            return self.phases.clone();
        }
        let implicit = |environment: &Environment| Phase {
            id: guid(&format!("{}/{}", self.id, environment.id)),
            name: environment.name.clone(),
            automatic: Vec::new(),
            optional: vec![environment.id.clone()],
            is_optional: false,
        };
        environments.iter().map(implicit).collect()
    }
}

/// The server's format of a time.
pub(crate) fn wire_time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.3f+00:00").to_string()
}

/// Ids, slugs and names are compared without regard to case.
pub(crate) fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}
