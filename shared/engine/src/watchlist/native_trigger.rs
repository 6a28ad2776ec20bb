//! Octopus's own triggers, with the options that the applied file has for them.

use domain::definition::{NativeOptions, NativeRef};
use domain::feed::Feed;
use domain::ids::{ChannelId, ProjectId, SpaceId};
use domain::options::{Options, VersionPolicy};
use domain::problem::{Problem, ProblemCode};
use domain::process::{Action, resolve_source, same_name};
use domain::time::Timestamp;
use domain::trigger::{Source, SourceRef, Trigger, TriggerOrigin};

use super::package_details::RequiredDetails;
use super::resolver::{
    ChannelName, Looked, LookupError, Place, ProjectName, Resolver, Unplaced, find_space,
};
use crate::ports::{NativeTrigger, OctopusError, OctopusReader, Space};

/// Resolves a native trigger into a trigger of the watch list, with the first options that name it.
pub(super) async fn resolve<O: OctopusReader>(
    resolver: &mut Resolver<'_, O>,
    native: &NativeTrigger,
    feeds: &[Feed],
    entries: &mut OptionsEntries<'_>,
    details: &mut RequiredDetails,
) -> Result<Looked, OctopusError> {
    let unread = native.unreadable.clone();
    let unread = unread.map(|error| Problem::new(ProblemCode::OctopusRefused, error));
    if let Some(problem) = unread.or_else(|| entries.unread(resolver.space, native)) {
        return Ok(Looked::Unreadable(unresolved(
            resolver.space,
            native,
            problem,
        )));
    }
    let entry = entries.find(resolver.space, native);
    let options = entry.map(|entry| entry.options.clone());
    let project = ProjectName::Id(native.project.clone());
    let channel = match native.channel.clone() {
        Some(id) => ChannelName::Id(id),
        None => ChannelName::Default,
    };
    let mut trigger = draft(resolver.space, native);
    trigger.options = options.unwrap_or_default();
    let git_ref = trigger.options.git_ref.as_deref();
    match resolver.place(&project, &channel, git_ref).await {
        Ok(place) => {
            let sources = native.sources.iter();
            let sources = sources.map(|one| source(resolver.space, one, &place, feeds, entry));
            trigger.sources = sources.collect();
            if let Some(entry) = entry {
                let actions = &place.process.process.actions;
                entries.report_unused_sources(entry, &trigger.sources, actions);
            }
            details.add(&mut trigger, &place.process, feeds);
            trigger.problem = place.process.problem(&trigger.sources);
            trigger.project_name = place.project.name;
            trigger.channel = place.channel;
            trigger.documents = Some(place.documents);
        }
        Err(LookupError::Unusable(unplaced)) => {
            set_problem(&mut trigger, unplaced, native.sources.clone());
        }
        Err(LookupError::Unreadable(unplaced)) => {
            set_problem(&mut trigger, unplaced, native.sources.clone());
            return Ok(Looked::Unreadable(trigger));
        }
        Err(LookupError::Octopus(error)) => return Err(error),
    }
    Ok(Looked::Resolved(trigger))
}

/// The trigger without any lookup, for this reason.
pub(super) fn unresolved(space: &SpaceId, native: &NativeTrigger, problem: Problem) -> Trigger {
    let mut trigger = draft(space, native);
    let unplaced = Unplaced {
        problem,
        project: None,
        channel: None,
    };
    set_problem(&mut trigger, unplaced, native.sources.clone());
    trigger
}

/// The trigger before any lookup.
fn draft(space: &SpaceId, native: &NativeTrigger) -> Trigger {
    Trigger {
        id: native.id.clone(),
        name: native.name.clone(),
        space: space.clone(),
        project: native.project.clone(),
        project_name: String::new(),
        channel: native.channel.clone().unwrap_or_else(|| ChannelId::new("")),
        sources: Vec::new(),
        problem: None,
        stale: None,
        documents: None,
        origin: TriggerOrigin::Octopus,
        since: Timestamp::default(),
        options: Options::default(),
    }
}

fn source(
    space: &SpaceId,
    reference: &SourceRef,
    place: &Place,
    feeds: &[Feed],
    entry: Option<&NativeOptions>,
) -> Source {
    let process = &place.process.process;
    let (actions, template) = (&process.actions, &process.template);
    let entry = entry.and_then(|one| one.source(reference, action_name(reference, actions)));
    Source {
        policy: entry.map(|entry| entry.policy.clone()).unwrap_or_default(),
        ..resolve_source(space, reference, actions, template, feeds)
    }
}

/// The name of the source's action; the source's own text for it if the process has no such action.
pub fn action_name<'a>(reference: &'a SourceRef, actions: &'a [Action]) -> &'a str {
    let slug = &reference.action_slug;
    let mut actions = actions.iter();
    let action = actions.find(|action| same_name(action.handle(), slug));
    action.map_or(slug, |action| &action.name)
}

/// Sets the problem of a trigger whose project or channel cannot be used, and of all its sources.
pub(super) fn set_problem(trigger: &mut Trigger, unplaced: Unplaced, sources: Vec<SourceRef>) {
    let unresolved = |reference| Source {
        reference,
        resolution: Err(unplaced.problem.clone()),
        policy: VersionPolicy::default(),
    };
    trigger.sources = sources.into_iter().map(unresolved).collect();
    if let Some(project) = unplaced.project {
        trigger.project = project.id;
        trigger.project_name = project.name;
    }
    if let Some(channel) = unplaced.channel {
        trigger.channel = channel;
    }
    trigger.problem = Some(unplaced.problem);
}

/// The file's options for native triggers, and the problems of entries that have no effect.
pub struct OptionsEntries<'a> {
    entries: Vec<Entry<'a>>,
    problems: Vec<Problem>,
}

struct Entry<'a> {
    native: &'a NativeOptions,
    target: Target,
    is_used: bool,
}

/// The trigger that an entry names.
enum Target {
    Id,
    /// The space, and the project as soon as it was looked up.
    InProject(SpaceId, ProjectLookup),
}

enum ProjectLookup {
    NotRead,
    Found(ProjectId),
    Failed(Problem),
    /// A request failed, so it is unknown whether the entry names a trigger of that name.
    Unreadable(Problem),
}

impl<'a> OptionsEntries<'a> {
    /// Finds the space of each entry that names a project.
    pub fn new(natives: &'a [NativeOptions], spaces: &[Space]) -> Self {
        let mut entries = Vec::new();
        let mut problems = Vec::new();
        for native in natives {
            let target = match &native.trigger {
                NativeRef::Id(_) => Target::Id,
                NativeRef::Named { space, .. } => match find_space(space.as_deref(), spaces) {
                    Ok(space) => Target::InProject(space.id.clone(), ProjectLookup::NotRead),
                    Err(problem) => {
                        let message = format!("options for {}: {problem}", native.trigger);
                        problems.push(problem.with_message(message));
                        continue;
                    }
                },
            };
            entries.push(Entry {
                native,
                target,
                is_used: false,
            });
        }
        Self { entries, problems }
    }

    /// The projects that entries of the space name.
    pub(super) fn projects(&self, space: &SpaceId) -> impl Iterator<Item = &'a str> {
        self.entries
            .iter()
            .filter_map(move |entry| match (&entry.native.trigger, &entry.target) {
                (NativeRef::Named { project, .. }, Target::InProject(own, _)) if own == space => {
                    Some(project.as_str())
                }
                _ => None,
            })
    }

    /// Looks up the projects that entries of the resolver's space name.
    ///
    /// # Errors
    /// When Octopus as a whole cannot be read.
    pub async fn find_projects<O: OctopusReader>(
        &mut self,
        resolver: &mut Resolver<'_, O>,
    ) -> Result<(), OctopusError> {
        for entry in &mut self.entries {
            if let NativeRef::Named { project: name, .. } = &entry.native.trigger
                && let Target::InProject(space, project) = &mut entry.target
                && space == resolver.space
            {
                let name = ProjectName::Text(name.clone());
                *project = match resolver.project(&name).await {
                    Ok(project) => ProjectLookup::Found(project.id),
                    Err(LookupError::Unusable(problem)) => ProjectLookup::Failed(problem),
                    Err(LookupError::Unreadable(problem)) => ProjectLookup::Unreadable(problem),
                    Err(LookupError::Octopus(error)) => return Err(error),
                };
            }
        }
        Ok(())
    }

    /// The first entry that names the trigger.
    pub fn find(&mut self, space: &SpaceId, trigger: &NativeTrigger) -> Option<&'a NativeOptions> {
        let mut entries = self.entries.iter_mut();
        let entry = entries.find(|entry| entry.names(space, trigger))?;
        entry.is_used = true;
        Some(entry.native)
    }

    /// Why it is unknown whether an entry names the trigger; `None` if it is known.
    pub fn unread(&self, space: &SpaceId, trigger: &NativeTrigger) -> Option<Problem> {
        self.entries
            .iter()
            .find_map(|entry| match (&entry.native.trigger, &entry.target) {
                (
                    NativeRef::Named { name, .. },
                    Target::InProject(own, ProjectLookup::Unreadable(problem)),
                ) if own == space && same_name(name, &trigger.name) => Some(problem.clone()),
                _ => None,
            })
    }

    /// Reports the sources of an entry that its trigger does not have.
    fn report_unused_sources(
        &mut self,
        entry: &NativeOptions,
        sources: &[Source],
        actions: &[Action],
    ) {
        for written in &entry.sources {
            let is_used = sources.iter().any(|Source { reference, .. }| {
                written.names(
                    Some(&reference.action_slug),
                    action_name(reference, actions),
                    &reference.package_reference,
                )
            });
            if !is_used {
                let message = format!(
                    "options for {}: the trigger has no source {written}; correct or remove the source",
                    entry.trigger
                );
                self.problems.push(
                    Problem::new(ProblemCode::SourceNotFound, message)
                        .text("trigger", entry.trigger.to_string())
                        .text("source", written.to_string()),
                );
            }
        }
    }

    /// The problems of entries that have no effect, each with its remedy.
    pub(super) fn into_problems(self) -> Vec<Problem> {
        let unused = self.entries.iter().filter(|entry| !entry.is_used);
        let unused = unused.map(Entry::unused_problem);
        self.problems.into_iter().chain(unused).collect()
    }
}

impl Entry<'_> {
    /// Why the entry names no trigger that this program runs.
    fn unused_problem(&self) -> Problem {
        let not_found = Problem::new(ProblemCode::NativeTriggerNotFound, "");
        let (problem, reason) = match &self.target {
            Target::InProject(
                _,
                ProjectLookup::Failed(problem) | ProjectLookup::Unreadable(problem),
            ) => (problem.clone(), problem.message.as_str()),
            Target::InProject(_, ProjectLookup::NotRead) => {
                (not_found, "no native trigger of that space is selected")
            }
            Target::InProject(_, ProjectLookup::Found(_)) | Target::Id => (
                not_found,
                "no such native trigger is selected, or an earlier entry names the same one",
            ),
        };
        let trigger = &self.native.trigger;
        problem
            .with_message(format!(
                "options for {trigger}: {reason}; correct or remove the entry"
            ))
            .text("trigger", trigger.to_string())
    }

    fn names(&self, space: &SpaceId, trigger: &NativeTrigger) -> bool {
        match (&self.native.trigger, &self.target) {
            (NativeRef::Id(id), _) => *id == trigger.id,
            (
                NativeRef::Named { name, .. },
                Target::InProject(own, ProjectLookup::Found(project)),
            ) => own == space && *project == trigger.project && same_name(name, &trigger.name),
            (NativeRef::Named { .. }, _) => false,
        }
    }
}
