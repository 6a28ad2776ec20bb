//! The projects, channels and processes of a space that were read so far; several triggers often share one.
//!
//! Each is there, or there is a reason why not, which is the trigger's problem.

use std::collections::BTreeMap;
use std::rc::Rc;

use domain::ids::{ChannelId, ProjectId, SpaceId};
use domain::process::{ChannelRule, with_action_names};

use crate::ports::{Channel, OctopusError, OctopusErrorKind, OctopusReader, Process, Project};

/// What was read, or why it could not be.
type Known<T> = Result<T, String>;

pub(super) struct Projects<'a, O> {
    pub(super) space: &'a SpaceId,
    octopus: &'a O,
    projects: BTreeMap<ProjectName, Known<Project>>,
    channels: BTreeMap<(ProjectId, ChannelName), Known<Channel>>,
    processes: BTreeMap<(ProjectId, ChannelId, Option<String>), Known<Rc<Seen>>>,
}

/// How a trigger names its project.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ProjectName {
    Id(ProjectId),
    /// By name, slug or id.
    Called(String),
}

/// How a trigger names its channel.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ChannelName {
    Default,
    Id(ChannelId),
    /// By name, slug or id.
    Called(String),
}

/// A process as one channel sees it, with the channel's rules.
pub(super) struct Seen {
    pub(super) process: Process,
    pub(super) rules: Vec<ChannelRule>,
}

/// Where a trigger's releases go.
pub(super) struct Place {
    pub(super) project: Project,
    pub(super) channel: ChannelId,
    pub(super) seen: Rc<Seen>,
}

/// What is wrong with a trigger's project or channel, and what of it is known all the same.
pub(super) struct Nowhere {
    pub(super) problem: String,
    pub(super) project: Option<Project>,
    pub(super) channel: Option<ChannelId>,
}

impl<'a, O: OctopusReader> Projects<'a, O> {
    pub(super) fn new(octopus: &'a O, space: &'a SpaceId) -> Self {
        Self {
            space,
            octopus,
            projects: BTreeMap::new(),
            channels: BTreeMap::new(),
            processes: BTreeMap::new(),
        }
    }

    pub(super) async fn project(
        &mut self,
        name: &ProjectName,
    ) -> Result<Known<Project>, OctopusError> {
        if let Some(known) = self.projects.get(name) {
            return Ok(known.clone());
        }
        let read = match name {
            ProjectName::Id(id) => self.octopus.project(self.space, id).await,
            ProjectName::Called(name) => self.octopus.find_project(self.space, name).await,
        };
        let read = own_problem(read)?;
        self.projects.insert(name.clone(), read.clone());
        Ok(read)
    }

    /// The process of a project in a channel, at a branch or tag if one is chosen.
    pub(super) async fn place(
        &mut self,
        project: &ProjectName,
        channel: &ChannelName,
        git_ref: Option<&str>,
    ) -> Result<Result<Place, Nowhere>, OctopusError> {
        let mut found = Nowhere {
            problem: String::new(),
            project: None,
            channel: None,
        };
        let read = self.find(project, channel, git_ref, &mut found).await?;
        Ok(read.map_err(|problem| Nowhere { problem, ..found }))
    }

    async fn find(
        &mut self,
        project: &ProjectName,
        channel: &ChannelName,
        git_ref: Option<&str>,
        found: &mut Nowhere,
    ) -> Result<Known<Place>, OctopusError> {
        let project = match self.project(project).await? {
            Ok(project) => project,
            Err(problem) => return Ok(Err(problem)),
        };
        found.project = Some(project.clone());
        if project.is_disabled {
            return Ok(Err(format!("the project `{}` is disabled", project.name)));
        }
        let project = match own_problem(project.at(git_ref))? {
            Ok(project) => project,
            Err(problem) => return Ok(Err(problem)),
        };
        let channel = match self.channel(&project, channel).await? {
            Ok(channel) => channel,
            Err(problem) => return Ok(Err(problem)),
        };
        found.channel = Some(channel.id.clone());
        let seen = self.seen(&project, &channel).await?;
        Ok(seen.map(|seen| Place {
            project,
            channel: channel.id,
            seen,
        }))
    }

    async fn channel(
        &mut self,
        project: &Project,
        name: &ChannelName,
    ) -> Result<Known<Channel>, OctopusError> {
        let key = (project.id.clone(), name.clone());
        if let Some(known) = self.channels.get(&key) {
            return Ok(known.clone());
        }
        let read = match name {
            ChannelName::Default => self.octopus.channel(project, None).await,
            ChannelName::Id(id) => self.octopus.channel(project, Some(id)).await,
            ChannelName::Called(name) => self.octopus.find_channel(project, name).await,
        };
        let read = own_problem(read)?;
        self.channels.insert(key, read.clone());
        Ok(read)
    }

    async fn seen(
        &mut self,
        project: &Project,
        channel: &Channel,
    ) -> Result<Known<Rc<Seen>>, OctopusError> {
        let (id, git_ref) = (project.id.clone(), project.git_ref.clone());
        let key = (id, channel.id.clone(), git_ref);
        if let Some(known) = self.processes.get(&key) {
            return Ok(known.clone());
        }
        let process = own_problem(self.octopus.process(project, &channel.id).await)?;
        let seen = process.map(|process| {
            let rules = with_action_names(channel.rules.clone(), &process.action_names);
            Rc::new(Seen { process, rules })
        });
        self.processes.insert(key, seen.clone());
        Ok(seen)
    }
}

/// Tells what is wrong with one project or channel from what is wrong with the server.
fn own_problem<T>(read: Result<T, OctopusError>) -> Result<Known<T>, OctopusError> {
    match read {
        Ok(value) => Ok(Ok(value)),
        Err(error) => match error.kind {
            OctopusErrorKind::NotFound
            | OctopusErrorKind::Forbidden
            | OctopusErrorKind::Invalid
            | OctopusErrorKind::Unsupported
            | OctopusErrorKind::Malformed
            | OctopusErrorKind::AlreadyExists => Ok(Err(error.message)),
            OctopusErrorKind::Unauthorized
            | OctopusErrorKind::Throttled(_)
            | OctopusErrorKind::Unavailable
            | OctopusErrorKind::Unknown => Err(error),
        },
    }
}
