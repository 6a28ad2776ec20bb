//! Triggers of the applied file. The names in each definition are looked up in Octopus.

use std::collections::BTreeSet;

use domain::definition::{ALL, Definition, SourceDefinition};
use domain::feed::Feed;
use domain::ids::{ChannelId, ProjectId, SpaceId, TriggerId};
use domain::problem::{Problem, ProblemCode};
use domain::process::{Action, resolve_source};
use domain::time::Timestamp;
use domain::trigger::{Source, SourceRef, Trigger, TriggerOrigin};

use super::names::{UnknownName, names, unknown_name};
use super::native_trigger::set_problem;
use super::package_details::RequiredDetails;
use super::resolver::{
    ChannelName, ChannelProcess, Looked, LookupError, ProjectName, Resolver, Unplaced, find_space,
};
use crate::ports::{OctopusError, OctopusReader, Process, Space};

/// An enabled definition with its space.
pub(super) struct Located<'a> {
    space: SpaceId,
    definition: &'a Definition,
}

/// The enabled definitions of a file.
pub(super) struct Definitions<'a> {
    located: Vec<Located<'a>>,
    /// Triggers whose space was not found.
    pub(super) unlocated: Vec<Trigger>,
}

impl<'a> Definitions<'a> {
    /// Removes and returns the definitions of a space.
    pub(super) fn take(&mut self, space: &SpaceId) -> Vec<Located<'a>> {
        self.located
            .extract_if(.., |one| one.space == *space)
            .collect()
    }
}

/// Finds the space of each enabled definition. For two definitions with the same name in one space, the
/// later one is omitted and reported, because both would be the same trigger.
pub(super) fn locate<'a>(
    definitions: &'a [Definition],
    spaces: &[Space],
    problems: &mut Vec<Problem>,
) -> Definitions<'a> {
    let (mut located, mut unlocated) = (Vec::new(), Vec::new());
    let mut known = BTreeSet::new();
    for definition in definitions.iter().filter(|one| !one.is_disabled) {
        let (space, problem) = match find_space(definition.space.as_deref(), spaces) {
            Ok(space) => (space.id.clone(), None),
            Err(problem) => {
                let text = definition.space.as_deref().unwrap_or_default();
                (SpaceId::new(text), Some(problem))
            }
        };
        if !known.insert((space.clone(), definition.id())) {
            let message = format!(
                "two triggers of one space have the name `{}`; rename one of them",
                definition.name
            );
            let problem = Problem::new(ProblemCode::DuplicateName, message);
            problems.push(problem.text("trigger", &definition.name));
            continue;
        }
        match problem {
            None => located.push(Located { space, definition }),
            Some(problem) => {
                let mut trigger = draft(&space, definition);
                let unplaced = Unplaced {
                    problem,
                    project: None,
                    channel: None,
                };
                set_problem(&mut trigger, unplaced, references_as_written(definition));
                unlocated.push(trigger);
            }
        }
    }
    Definitions { located, unlocated }
}

/// Resolves a definition into a trigger of the watch list.
pub(super) async fn resolve<O: OctopusReader>(
    resolver: &mut Resolver<'_, O>,
    located: &Located<'_>,
    feeds: &[Feed],
    details: &mut RequiredDetails,
) -> Result<Looked, OctopusError> {
    let Located { space, definition } = located;
    let mut trigger = draft(space, definition);
    let project = ProjectName::Text(definition.project.clone());
    let channel = match definition.channel.clone() {
        Some(name) => ChannelName::Text(name),
        None => ChannelName::Default,
    };
    let git_ref = definition.options.git_ref.as_deref();
    match resolver.place(&project, &channel, git_ref).await {
        Ok(place) => {
            trigger.project = place.project.id;
            trigger.project_name = place.project.name;
            trigger.channel = place.channel;
            trigger.documents = Some(place.documents);
            trigger.sources = sources(space, definition, &place.process, feeds);
            trigger.problem = match trigger.sources.as_slice() {
                [] => Some(no_sources(definition)),
                sources => place.process.problem(sources),
            };
            details.add(&mut trigger, &place.process, feeds);
        }
        Err(LookupError::Unusable(unplaced)) => {
            set_problem(&mut trigger, unplaced, references_as_written(definition));
        }
        Err(LookupError::Unreadable(unplaced)) => {
            set_problem(&mut trigger, unplaced, references_as_written(definition));
            return Ok(Looked::Unreadable(trigger));
        }
        Err(LookupError::Octopus(error)) => return Err(error),
    }
    Ok(Looked::Resolved(trigger))
}

impl<'a> Located<'a> {
    /// The project as it is named.
    pub(super) fn project(&self) -> &'a str {
        &self.definition.project
    }

    /// The id of its trigger.
    pub(super) fn id(&self) -> TriggerId {
        self.definition.id()
    }

    /// The trigger without any lookup, for this reason.
    pub(super) fn unread(&self, problem: Problem) -> Trigger {
        let mut trigger = draft(&self.space, self.definition);
        let unplaced = Unplaced {
            problem,
            project: None,
            channel: None,
        };
        set_problem(
            &mut trigger,
            unplaced,
            references_as_written(self.definition),
        );
        trigger
    }
}

/// The trigger before any lookup: the names of the file in place of ids.
fn draft(space: &SpaceId, definition: &Definition) -> Trigger {
    let channel = definition.channel.as_deref().unwrap_or_default();
    Trigger {
        id: definition.id(),
        name: definition.name.clone(),
        space: space.clone(),
        project: ProjectId::new(definition.project.as_str()),
        project_name: definition.project.clone(),
        channel: ChannelId::new(channel),
        sources: Vec::new(),
        problem: None,
        stale: None,
        documents: None,
        origin: TriggerOrigin::File,
        since: Timestamp::default(),
        options: definition.options.clone(),
    }
}

fn references_as_written(definition: &Definition) -> Vec<SourceRef> {
    let sources = definition.sources.iter();
    sources.map(SourceDefinition::reference).collect()
}

/// Resolves the sources of a definition. Each package reference appears once, with the selection of the
/// first source that names it. A source that means several references omits those that cannot be used; a
/// source that names one reference contains the reason why it cannot be used.
fn sources(
    space: &SpaceId,
    definition: &Definition,
    process: &ChannelProcess,
    feeds: &[Feed],
) -> Vec<Source> {
    let (actions, template) = (&process.process.actions, &process.process.template);
    let mut sources: Vec<Source> = Vec::new();
    for written in &definition.sources {
        let names_one = !written.is_everything() && written.package_reference != ALL;
        let unknown = unknown_name(written, actions);
        let must_appear = names_one || matches!(unknown, Some(UnknownName::Action(_)));
        let problem = unknown.map(UnknownName::into_problem);
        for reference in references(written, actions) {
            if sources.iter().any(|known| known.reference == reference) {
                continue;
            }
            let mut source = resolve_source(space, &reference, actions, template, feeds);
            if let (Err(reason), Some(problem)) = (&mut source.resolution, &problem) {
                reason.clone_from(problem);
            }
            if must_appear || source.resolution.is_ok() {
                sources.push(Source {
                    policy: written.policy.clone(),
                    ..source
                });
            }
        }
    }
    sources
}

/// The feeds of a source's packages, each once. Packages that cannot be used are omitted.
pub fn feeds_of<'a>(
    space: &SpaceId,
    source: &SourceDefinition,
    process: &Process,
    feeds: &'a [Feed],
) -> Vec<&'a Feed> {
    let (actions, template) = (&process.actions, &process.template);
    let references = references(source, actions).into_iter();
    let ids = references.filter_map(|reference| {
        let resolved = resolve_source(space, &reference, actions, template, feeds);
        Some(resolved.resolution.ok()?.package.feed)
    });
    let ids: BTreeSet<_> = ids.collect();
    feeds.iter().filter(|feed| ids.contains(&feed.id)).collect()
}

/// The package references that a source means. A source whose action is unknown is its own reference, so
/// that it is reported.
fn references(source: &SourceDefinition, actions: &[Action]) -> Vec<SourceRef> {
    let named: Vec<_> = actions
        .iter()
        .filter(|action| names(source, action))
        .collect();
    if named.is_empty() && !source.is_everything() {
        return vec![source.reference()];
    }
    let mut references = Vec::new();
    for action in named {
        let reference = |package_reference: &str| SourceRef {
            action_slug: action.handle().to_owned(),
            package_reference: package_reference.to_owned(),
        };
        if source.package_reference == ALL {
            let all = action.package_references.iter();
            references.extend(all.map(|name| reference(name)));
        } else {
            references.push(reference(&source.package_reference));
        }
    }
    references
}

fn no_sources(definition: &Definition) -> Problem {
    let sources: Vec<_> = definition.sources.iter().map(ToString::to_string).collect();
    let message = if sources.is_empty() {
        "the trigger has no sources; name at least one".to_owned()
    } else {
        format!(
            "{} selects no package that a trigger of this channel can watch; name an action that selects a \
             package",
            sources.join(", ")
        )
    };
    Problem::new(ProblemCode::NoSources, message)
}
