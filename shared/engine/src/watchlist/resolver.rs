//! Looks up the spaces, projects, channels and processes that triggers name. Each is read once and kept,
//! because several triggers often share one.

use std::collections::BTreeMap;
use std::rc::Rc;

use domain::ids::{ChannelId, ProjectId, SpaceId};
use domain::problem::{Problem, ProblemCode};
use domain::process::{ChannelRule, same_name, unmatched_rule, with_names};
use domain::trigger::{Source, Trigger};

use crate::documents;
use crate::ports::{
    Channel, OctopusError, OctopusErrorKind, OctopusReader, Process, Project, Space,
};

/// Why a lookup has no result.
#[derive(Debug)]
pub enum LookupError<P = Problem> {
    /// The named object does not exist, cannot be seen or cannot be used: a problem of the trigger that
    /// names it.
    Unusable(P),
    /// The named object cannot be read at present, because its requests fail. Other objects may be readable.
    Unreadable(P),
    /// Octopus as a whole cannot be read.
    Octopus(OctopusError),
}

/// Looks up names in one space of Octopus.
pub struct Resolver<'a, O> {
    pub(super) space: &'a SpaceId,
    octopus: &'a O,
    projects: BTreeMap<ProjectName, Lookup<Project>>,
    channels: BTreeMap<(ProjectId, ChannelName), Lookup<Channel>>,
    processes: BTreeMap<ProcessKey, Lookup<Rc<ChannelProcess>>>,
}

/// A trigger after its names were looked up.
pub(super) enum Looked {
    /// Its sources are resolved, or it has a problem.
    Resolved(Trigger),
    /// A request failed, so its state is unknown. The trigger has the failure as its problem.
    Unreadable(Trigger),
}

/// A project, a channel and the Git ref of the process.
type ProcessKey = (ProjectId, ChannelId, Option<String>);

/// How a trigger names its project.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProjectName {
    /// The id.
    Id(ProjectId),
    /// The name, slug or id, as a user writes it.
    Text(String),
}

/// How a trigger names its channel.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChannelName {
    /// The project's default channel.
    Default,
    /// The id.
    Id(ChannelId),
    /// The name, slug or id, as a user writes it.
    Text(String),
}

/// A deployment process as one channel uses it, with the channel's version rules.
pub struct ChannelProcess {
    /// The process.
    pub process: Process,
    /// The rules, each with its actions by name.
    pub rules: Vec<ChannelRule>,
}

impl ChannelProcess {
    /// The problem of a trigger with these sources: the problem of a source, which the source has, or a rule that
    /// names a package that the process does not have.
    pub(super) fn problem(&self, sources: &[Source]) -> Option<Problem> {
        let Process {
            actions, template, ..
        } = &self.process;
        let is_resolved = |source: &Source| source.resolution.is_ok();
        let is_complete = sources.iter().all(is_resolved);
        is_complete.then(|| unmatched_rule(&self.rules, actions, template))?
    }
}

/// The project and channel in which a trigger creates releases.
pub(super) struct Place {
    pub(super) project: Project,
    pub(super) channel: ChannelId,
    pub(super) process: Rc<ChannelProcess>,
    /// The fingerprint of the project, channel and process.
    pub(super) documents: String,
}

/// The problem of a trigger's project or channel, with the part of its place that was found.
pub(super) struct Unplaced {
    pub(super) problem: Problem,
    pub(super) project: Option<Project>,
    pub(super) channel: Option<ChannelId>,
}

impl<'a, O: OctopusReader> Resolver<'a, O> {
    /// A resolver that has read nothing yet.
    pub fn new(octopus: &'a O, space: &'a SpaceId) -> Self {
        Self {
            space,
            octopus,
            projects: BTreeMap::new(),
            channels: BTreeMap::new(),
            processes: BTreeMap::new(),
        }
    }

    /// Looks up a project.
    ///
    /// # Errors
    /// [`LookupError::Unusable`] if it does not exist or cannot be seen.
    pub async fn project(&mut self, name: &ProjectName) -> Result<Project, LookupError> {
        if let Some(known) = self.projects.get(name) {
            return known.clone().found();
        }
        let read = match name {
            ProjectName::Id(id) => self.octopus.project(self.space, id).await,
            ProjectName::Text(text) => self.octopus.find_project(self.space, text).await,
        };
        let read = Lookup::of(read)?;
        self.projects.insert(name.clone(), read.clone());
        read.found()
    }

    /// Looks up a channel of a project.
    ///
    /// # Errors
    /// [`LookupError::Unusable`] if it does not exist or cannot be seen.
    pub async fn channel(
        &mut self,
        project: &Project,
        name: &ChannelName,
    ) -> Result<Channel, LookupError> {
        let key = (project.id.clone(), name.clone());
        if let Some(known) = self.channels.get(&key) {
            return known.clone().found();
        }
        let read = match name {
            ChannelName::Default => self.octopus.channel(project, None).await,
            ChannelName::Id(id) => self.octopus.channel(project, Some(id)).await,
            ChannelName::Text(text) => self.octopus.find_channel(project, text).await,
        };
        let read = Lookup::of(read)?;
        self.channels.insert(key, read.clone());
        read.found()
    }

    /// Reads the process of a project, at the project's Git ref, as a channel uses it.
    ///
    /// # Errors
    /// [`LookupError::Unusable`] if it cannot be read at that Git ref.
    pub async fn process(
        &mut self,
        project: &Project,
        channel: &Channel,
    ) -> Result<Rc<ChannelProcess>, LookupError> {
        let (id, git_ref) = (project.id.clone(), project.git_ref.clone());
        let key = (id, channel.id.clone(), git_ref);
        if let Some(known) = self.processes.get(&key) {
            return known.clone().found();
        }
        let read = Lookup::of(self.octopus.process(project, &channel.id).await)?;
        let read = read.map(|process| {
            let rules = with_names(channel.rules.clone(), &process.rule_names);
            Rc::new(ChannelProcess { process, rules })
        });
        self.processes.insert(key, read.clone());
        read.found()
    }

    /// Looks up everything that a trigger needs to create a release. A disabled project is unusable.
    pub(super) async fn place(
        &mut self,
        project: &ProjectName,
        channel: &ChannelName,
        git_ref: Option<&str>,
    ) -> Result<Place, LookupError<Unplaced>> {
        let mut found = (None, None);
        let read = self.find(project, channel, git_ref, &mut found).await;
        let unplaced = |problem| Unplaced {
            problem,
            project: found.0,
            channel: found.1,
        };
        read.map_err(|error| match error {
            LookupError::Octopus(error) => LookupError::Octopus(error),
            LookupError::Unusable(problem) => LookupError::Unusable(unplaced(problem)),
            LookupError::Unreadable(problem) => LookupError::Unreadable(unplaced(problem)),
        })
    }

    /// As [`Self::place`]; notes the project and the channel as soon as they are found.
    async fn find(
        &mut self,
        project: &ProjectName,
        channel: &ChannelName,
        git_ref: Option<&str>,
        found: &mut (Option<Project>, Option<ChannelId>),
    ) -> Result<Place, LookupError> {
        let project = self.project(project).await?;
        found.0 = Some(project.clone());
        if project.is_disabled {
            let message = format!(
                "the project `{}` is disabled; enable it, or remove the trigger",
                project.name
            );
            let problem = Problem::new(ProblemCode::ProjectDisabled, message);
            return Err(LookupError::Unusable(
                problem.text("project", &project.name),
            ));
        }
        let project = project.at(git_ref)?;
        let channel = self.channel(&project, channel).await?;
        found.1 = Some(channel.id.clone());
        let process = self.process(&project, &channel).await?;
        Ok(Place {
            documents: documents::fingerprint(&project, &channel, &process.process),
            project,
            channel: channel.id,
            process,
        })
    }
}

/// Finds a watched space by name, slug or id; without a name, the only watched space.
///
/// # Errors
/// The problem with its remedy, if there is no such space or no name and several spaces.
pub fn find_space<'a>(name: Option<&str>, spaces: &'a [Space]) -> Result<&'a Space, Problem> {
    let known: Vec<_> = spaces.iter().map(|space| space.name.as_str()).collect();
    let known = known.join(", ");
    let Some(name) = name else {
        return match spaces {
            [only] => Ok(only),
            _ => Err(Problem::new(
                ProblemCode::SpaceMissing,
                format!("several spaces are watched ({known}); set the `space` of the entry"),
            )),
        };
    };
    let found = spaces.iter().find(|space| {
        let names = [space.name.as_str(), &space.slug, space.id.as_str()];
        names.iter().any(|own| same_name(own, name))
    });
    found.ok_or_else(|| {
        let message = format!(
            "the space `{name}` is not watched, only {known}; correct the name or watch that space too"
        );
        Problem::new(ProblemCode::SpaceNotWatched, message).text("space", name)
    })
}

/// Errors that concern the named object become its problem; the others concern the whole server.
impl From<OctopusError> for LookupError {
    fn from(error: OctopusError) -> Self {
        let problem = |code| Problem::new(code, error.message.clone());
        match error.kind {
            OctopusErrorKind::NotFound => Self::Unusable(problem(ProblemCode::NotFound)),
            OctopusErrorKind::Forbidden => Self::Unusable(problem(ProblemCode::Forbidden)),
            OctopusErrorKind::Invalid
            | OctopusErrorKind::Unsupported
            | OctopusErrorKind::Malformed
            | OctopusErrorKind::AlreadyExists => {
                Self::Unusable(problem(ProblemCode::OctopusRefused))
            }
            OctopusErrorKind::Unavailable | OctopusErrorKind::Unknown => {
                Self::Unreadable(problem(ProblemCode::OctopusUnavailable))
            }
            OctopusErrorKind::Unauthorized | OctopusErrorKind::Throttled(_) => Self::Octopus(error),
        }
    }
}

/// The outcome of a lookup, which is kept, so that its requests are not repeated for each trigger.
#[derive(Clone)]
enum Lookup<T> {
    Found(T),
    /// The problem of the named object.
    Unusable(Problem),
    /// The failure of its requests.
    Unreadable(Problem),
}

impl<T> Lookup<T> {
    /// Errors that concern the whole server are not kept.
    fn of(read: Result<T, OctopusError>) -> Result<Self, LookupError> {
        match read.map_err(LookupError::from) {
            Ok(value) => Ok(Self::Found(value)),
            Err(LookupError::Unusable(problem)) => Ok(Self::Unusable(problem)),
            Err(LookupError::Unreadable(problem)) => Ok(Self::Unreadable(problem)),
            Err(error) => Err(error),
        }
    }

    fn map<U>(self, map: impl FnOnce(T) -> U) -> Lookup<U> {
        match self {
            Self::Found(value) => Lookup::Found(map(value)),
            Self::Unusable(problem) => Lookup::Unusable(problem),
            Self::Unreadable(problem) => Lookup::Unreadable(problem),
        }
    }

    fn found(self) -> Result<T, LookupError> {
        match self {
            Self::Found(value) => Ok(value),
            Self::Unusable(problem) => Err(LookupError::Unusable(problem)),
            Self::Unreadable(problem) => Err(LookupError::Unreadable(problem)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn space(id: &str, name: &str, slug: &str) -> Space {
        Space {
            id: SpaceId::new(id),
            name: name.to_owned(),
            slug: slug.to_owned(),
        }
    }

    #[test]
    fn find_space_accepts_name_slug_and_id() {
        let both = [
            space("Spaces-1", "Default", "default"),
            space("Spaces-2", "Web team", "web-team"),
        ];
        for name in ["web TEAM", "web-team", "spaces-2"] {
            let found = find_space(Some(name), &both).map(|space| space.id.as_str());
            assert_eq!(found, Ok("Spaces-2"), "{name}");
        }
        let only = find_space(None, &both[..1]).map(|space| space.id.as_str());
        assert_eq!(only, Ok("Spaces-1"));
        let expected =
            "several spaces are watched (Default, Web team); set the `space` of the entry";
        let error = find_space(None, &both).unwrap_err();
        assert_eq!(error.message, expected);
        let expected = "the space `Ops` is not watched, only Default, Web team; correct the name or \
                        watch that space too";
        let error = find_space(Some("Ops"), &both).unwrap_err();
        assert_eq!(error.message, expected);
        assert_eq!(error.details.code, ProblemCode::SpaceNotWatched);
    }
}
