//! Octopus's own triggers, with the options that the applied file has for them.

use domain::definition::{NativeOptions, NativeRef};
use domain::feed::Feed;
use domain::ids::{ChannelId, ProjectId, SpaceId};
use domain::options::VersionPolicy;
use domain::process::{Action, resolve_source, same_name};
use domain::time::Timestamp;
use domain::trigger::{Source, SourceRef, Trigger, TriggerOrigin};

use super::package_details::Noted;
use super::projects::{ChannelName, Nowhere, Place, ProjectName, Projects};
use super::spaces::home;
use crate::ports::{NativeTrigger, OctopusError, OctopusReader, Space};

/// A native trigger as the list has it, with the first options that name it.
pub(super) async fn resolve<O: OctopusReader>(
    projects: &mut Projects<'_, O>,
    native: NativeTrigger,
    feeds: &[Feed],
    choices: &mut Choices<'_>,
    noted: &mut Noted,
) -> Result<Trigger, OctopusError> {
    let chosen = choices.of(projects.space, &native);
    let options = chosen.map(|chosen| chosen.options.clone());
    let options = options.unwrap_or_default();
    let project = ProjectName::Id(native.project.clone());
    let channel = match native.channel.clone() {
        Some(id) => ChannelName::Id(id),
        None => ChannelName::Default,
    };
    let git_ref = options.git_ref.as_deref();
    let place = projects.place(&project, &channel, git_ref).await?;
    let mut trigger = Trigger {
        id: native.id,
        name: native.name,
        space: projects.space.clone(),
        project: native.project,
        project_name: String::new(),
        channel: native.channel.unwrap_or_else(|| ChannelId::new("")),
        sources: Vec::new(),
        problem: None,
        origin: TriggerOrigin::Octopus,
        since: Timestamp::default(),
        options,
    };
    match place {
        Ok(place) => {
            let sources = native.sources.iter();
            let sources = sources.map(|one| source(projects.space, one, &place, feeds, chosen));
            trigger.sources = sources.collect();
            if let Some(chosen) = chosen {
                choices.note_idle(chosen, &trigger.sources, &place.seen.process.actions);
            }
            noted.note(&mut trigger, &place.seen, feeds);
            trigger.project_name = place.project.name;
            trigger.channel = place.channel;
        }
        Err(nowhere) => lose(&mut trigger, nowhere, native.sources),
    }
    Ok(trigger)
}

fn source(
    space: &SpaceId,
    reference: &SourceRef,
    place: &Place,
    feeds: &[Feed],
    chosen: Option<&NativeOptions>,
) -> Source {
    let process = &place.seen.process;
    let (actions, template) = (&process.actions, &process.template);
    let said = chosen.and_then(|one| one.source(reference, name_of(reference, actions)));
    Source {
        selection: said.map(|said| said.selection.clone()).unwrap_or_default(),
        ..resolve_source(space, reference, actions, template, feeds)
    }
}

/// The name of a source's action, or what the source calls it.
fn name_of<'a>(reference: &'a SourceRef, actions: &'a [Action]) -> &'a str {
    let slug = &reference.action_slug;
    let mut actions = actions.iter();
    let action = actions.find(|action| same_name(action.handle(), slug));
    action.map_or(slug, |action| &action.name)
}

/// A trigger whose project or channel cannot be used: all of its sources wait with it.
pub(super) fn lose(trigger: &mut Trigger, nowhere: Nowhere, sources: Vec<SourceRef>) {
    let unresolved = |reference| Source {
        reference,
        resolution: Err(nowhere.problem.clone()),
        selection: VersionPolicy::default(),
    };
    trigger.sources = sources.into_iter().map(unresolved).collect();
    if let Some(project) = nowhere.project {
        trigger.project = project.id;
        trigger.project_name = project.name;
    }
    if let Some(channel) = nowhere.channel {
        trigger.channel = channel;
    }
    trigger.problem = Some(nowhere.problem);
}

/// The options that the file has for native triggers, and which of them are of no use.
pub(super) struct Choices<'a> {
    choices: Vec<Choice<'a>>,
    problems: Vec<String>,
}

struct Choice<'a> {
    native: &'a NativeOptions,
    /// The trigger's space and project, where it goes by names.
    project: Option<(SpaceId, Result<ProjectId, String>)>,
    is_used: bool,
}

impl<'a> Choices<'a> {
    pub(super) fn new(natives: &'a [NativeOptions], spaces: &[Space]) -> Self {
        let mut choices = Vec::new();
        let mut problems = Vec::new();
        for native in natives {
            let project = match &native.trigger {
                NativeRef::Id(_) => None,
                NativeRef::Named { space, .. } => match home(space.as_deref(), spaces) {
                    Ok(space) => {
                        let unread = "this program runs no trigger of Octopus in that space";
                        Some((space.id.clone(), Err(unread.to_owned())))
                    }
                    Err(problem) => {
                        problems.push(format!("options for {}: {problem}", native.trigger));
                        continue;
                    }
                },
            };
            choices.push(Choice {
                native,
                project,
                is_used: false,
            });
        }
        Self { choices, problems }
    }

    /// Looks up the projects that the options of this space name.
    pub(super) async fn find_projects<O: OctopusReader>(
        &mut self,
        projects: &mut Projects<'_, O>,
    ) -> Result<(), OctopusError> {
        for choice in &mut self.choices {
            if let NativeRef::Named { project: name, .. } = &choice.native.trigger
                && let Some((space, project)) = &mut choice.project
                && space == projects.space
            {
                let name = ProjectName::Called(name.clone());
                *project = projects.project(&name).await?.map(|project| project.id);
            }
        }
        Ok(())
    }

    /// The first options that name the trigger.
    fn of(&mut self, space: &SpaceId, trigger: &NativeTrigger) -> Option<&'a NativeOptions> {
        let mut choices = self.choices.iter_mut();
        let choice = choices.find(|choice| choice.names(space, trigger))?;
        choice.is_used = true;
        Some(choice.native)
    }

    /// Notes what is said of sources that the trigger does not have.
    fn note_idle(&mut self, chosen: &NativeOptions, sources: &[Source], actions: &[Action]) {
        for said in &chosen.sources {
            let mut sources = sources.iter();
            let is_of_use = sources.any(|source| {
                let Source { reference, .. } = source;
                let name = name_of(reference, actions);
                said.names(
                    Some(&reference.action_slug),
                    name,
                    &reference.package_reference,
                )
            });
            if !is_of_use {
                self.problems.push(format!(
                    "options for {}: the trigger has no source {said}; correct the source, or take it out",
                    chosen.trigger
                ));
            }
        }
    }

    /// What is of no use, and why.
    pub(super) fn into_problems(self) -> Vec<String> {
        let mut problems = self.problems;
        for choice in self.choices.iter().filter(|choice| !choice.is_used) {
            let why = match &choice.project {
                Some((_, Err(why))) => why,
                _ => "this program runs no such trigger, or earlier options are for the same",
            };
            let trigger = &choice.native.trigger;
            problems.push(format!(
                "options for {trigger}: {why}; correct the entry, or take it out"
            ));
        }
        problems
    }
}

impl Choice<'_> {
    fn names(&self, space: &SpaceId, trigger: &NativeTrigger) -> bool {
        match (&self.native.trigger, &self.project) {
            (NativeRef::Id(id), _) => *id == trigger.id,
            (NativeRef::Named { name, .. }, Some((own, Ok(project)))) => {
                own == space && *project == trigger.project && same_name(name, &trigger.name)
            }
            (NativeRef::Named { .. }, _) => false,
        }
    }
}
