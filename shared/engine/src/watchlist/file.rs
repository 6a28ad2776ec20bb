//! Triggers of the applied file: each is looked up by the names that it uses.

use std::collections::BTreeSet;

use domain::definition::{ALL, Definition, SourceDefinition};
use domain::feed::Feed;
use domain::ids::{ChannelId, ProjectId, SpaceId};
use domain::process::{Action, resolve_source};
use domain::time::Timestamp;
use domain::trigger::{Source, SourceRef, Trigger, TriggerOrigin};

use super::native::lose;
use super::package_details::Noted;
use super::projects::{ChannelName, Nowhere, ProjectName, Projects, Seen};
use super::spaces::home;
use crate::ports::{OctopusError, OctopusReader, Space};

/// A definition with its space.
pub(super) struct Placed<'a> {
    space: SpaceId,
    definition: &'a Definition,
}

/// The definitions that are switched on.
pub(super) struct Everywhere<'a> {
    placed: Vec<Placed<'a>>,
    /// Triggers whose space was not found.
    pub(super) nowhere: Vec<Trigger>,
}

impl<'a> Everywhere<'a> {
    /// Takes out the definitions of a space.
    pub(super) fn of(&mut self, space: &SpaceId) -> Vec<Placed<'a>> {
        self.placed
            .extract_if(.., |placed| placed.space == *space)
            .collect()
    }
}

/// Finds the space of each definition that is switched on. Of two with one name in one space, the later
/// one is left out and reported: they would be one trigger.
pub(super) fn place<'a>(
    definitions: &'a [Definition],
    spaces: &[Space],
    problems: &mut Vec<String>,
) -> Everywhere<'a> {
    let (mut placed, mut nowhere) = (Vec::new(), Vec::new());
    let mut known = BTreeSet::new();
    for definition in definitions.iter().filter(|one| !one.is_disabled) {
        let (space, problem) = match home(definition.space.as_deref(), spaces) {
            Ok(space) => (space.id.clone(), None),
            Err(problem) => {
                let text = definition.space.as_deref().unwrap_or_default();
                (SpaceId::new(text), Some(problem))
            }
        };
        if !known.insert((space.clone(), definition.id())) {
            problems.push(format!(
                "another trigger of its space is called `{}`; give this one another name",
                definition.name
            ));
            continue;
        }
        match problem {
            None => placed.push(Placed { space, definition }),
            Some(problem) => {
                let mut trigger = draft(&space, definition);
                let nothing = Nowhere {
                    problem,
                    project: None,
                    channel: None,
                };
                lose(&mut trigger, nothing, as_written(definition));
                nowhere.push(trigger);
            }
        }
    }
    Everywhere { placed, nowhere }
}

/// A trigger of the file as the list has it.
pub(super) async fn resolve<O: OctopusReader>(
    projects: &mut Projects<'_, O>,
    placed: &Placed<'_>,
    feeds: &[Feed],
    noted: &mut Noted,
) -> Result<Trigger, OctopusError> {
    let Placed { space, definition } = placed;
    let mut trigger = draft(space, definition);
    let project = ProjectName::Called(definition.project.clone());
    let channel = match definition.channel.clone() {
        Some(name) => ChannelName::Called(name),
        None => ChannelName::Default,
    };
    let git_ref = definition.options.git_ref.as_deref();
    match projects.place(&project, &channel, git_ref).await? {
        Ok(place) => {
            trigger.project = place.project.id;
            trigger.project_name = place.project.name;
            trigger.channel = place.channel;
            trigger.sources = sources(space, definition, &place.seen, feeds);
            if trigger.sources.is_empty() {
                trigger.problem = Some(nothing_of(definition));
            }
            noted.note(&mut trigger, &place.seen, feeds);
        }
        Err(nowhere) => lose(&mut trigger, nowhere, as_written(definition)),
    }
    Ok(trigger)
}

/// The trigger before anything of it was looked up: names stand where ids will be.
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
        origin: TriggerOrigin::File,
        since: Timestamp::default(),
        options: definition.options.clone(),
    }
}

/// The sources by the names that the file has for them.
fn as_written(definition: &Definition) -> Vec<SourceRef> {
    let sources = definition.sources.iter();
    sources.map(SourceDefinition::reference).collect()
}

/// What the definition's sources stand for, each package reference once and as the first one says that
/// names it. What stands for several is looked for, and what cannot be used of it is left out quietly; what
/// is named alone is there with the reason why it cannot be used.
fn sources(space: &SpaceId, definition: &Definition, seen: &Seen, feeds: &[Feed]) -> Vec<Source> {
    let process = &seen.process;
    let mut sources: Vec<Source> = Vec::new();
    for said in &definition.sources {
        let is_one = !said.is_everything() && said.package_reference != ALL;
        for reference in references(said, &process.actions) {
            if sources.iter().any(|known| known.reference == reference) {
                continue;
            }
            let (actions, template) = (&process.actions, &process.template);
            let source = resolve_source(space, &reference, actions, template, feeds);
            let is_missing = is_missing(said, actions);
            if is_one || is_missing || source.resolution.is_ok() {
                sources.push(Source {
                    selection: said.selection.clone(),
                    ..source
                });
            }
        }
    }
    sources
}

/// Whether the action that is named is not there.
fn is_missing(said: &SourceDefinition, actions: &[Action]) -> bool {
    !said.is_everything() && !actions.iter().any(|action| is_called(said, action))
}

fn is_called(said: &SourceDefinition, action: &Action) -> bool {
    said.names_action(action.slug.as_deref(), &action.name)
}

/// The package references that a definition's source may stand for. One that names nothing stands for
/// itself, so that it is reported.
fn references(said: &SourceDefinition, actions: &[Action]) -> Vec<SourceRef> {
    if is_missing(said, actions) {
        return vec![said.reference()];
    }
    let mut references = Vec::new();
    for action in actions.iter().filter(|action| is_called(said, action)) {
        let reference = |package_reference: &str| SourceRef {
            action_slug: action.handle().to_owned(),
            package_reference: package_reference.to_owned(),
        };
        if said.package_reference == ALL {
            let all = action.package_references.iter();
            references.extend(all.map(|name| reference(name)));
        } else {
            references.push(reference(&said.package_reference));
        }
    }
    references
}

fn nothing_of(definition: &Definition) -> String {
    let sources: Vec<_> = definition.sources.iter().map(ToString::to_string).collect();
    if sources.is_empty() {
        return "the trigger has no sources; name at least one".to_owned();
    }
    format!(
        "nothing that can be followed in this channel is meant by {}; name an action that selects a package",
        sources.join(", ")
    )
}
