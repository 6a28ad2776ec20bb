//! The projects of the watched spaces: which have a trigger, and which could have one.

use std::collections::BTreeSet;

use domain::feed::Feed;
use domain::ids::{SpaceId, TriggerId};
use domain::process::resolve_source;
use domain::trigger::SourceRef;

use crate::overview::{Look, Memory};
use engine::ports::{
    Catalogue, Clock, OctopusError, OctopusErrorKind, OctopusReader, Project, Space,
};
use engine::{StepError, with_causes};

/// A project with its triggers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectTriggers {
    pub project: Project,
    /// Its space's name.
    pub space_name: String,
    /// Its triggers of Octopus and of the trigger file: space, id, name.
    pub triggers: Vec<(SpaceId, TriggerId, String)>,
}

/// Whether a project without a trigger could have one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Possible {
    /// This many package references of the default channel can be watched.
    Packages(usize),
    /// Its process has no package reference that a trigger can watch.
    Nothing,
    /// Its process cannot be read, with the reason.
    Unknown(String),
}

impl<S: Memory, O: OctopusReader + Catalogue, C: Clock> Look<'_, S, O, C> {
    /// The enabled projects, those without a trigger first, then by name.
    ///
    /// # Errors
    /// When the store or Octopus fails.
    pub async fn projects(&self) -> Result<Vec<ProjectTriggers>, StepError> {
        let current = self.remembered().await?;
        if let Some(message) = current.octopus_error {
            // A further request would wait as long as the first one.
            return Err(StepError::Octopus(OctopusError {
                message,
                kind: OctopusErrorKind::Unavailable,
                source: None,
            }));
        }
        let mut states = Vec::new();
        for Space { id, name, .. } in current.fresh.spaces {
            let natives = self.octopus.feed_triggers(&id).await?;
            for project in self.octopus.projects(&id).await? {
                if project.is_disabled {
                    continue;
                }
                let own = natives.iter().filter(|one| one.project == project.id);
                let own = own.map(|one| (id.clone(), one.id.clone(), one.name.clone()));
                let mut triggers: Vec<_> = own.collect();
                let listed = current.fresh.list.triggers.iter();
                let listed = listed.filter(|one| one.space == id && one.project == project.id);
                for trigger in listed {
                    let known = (id.clone(), trigger.id.clone(), trigger.name.clone());
                    if !triggers.contains(&known) {
                        triggers.push(known);
                    }
                }
                states.push(ProjectTriggers {
                    project,
                    space_name: name.clone(),
                    triggers,
                });
            }
        }
        states.sort_by_key(|one| (!one.triggers.is_empty(), one.project.name.to_lowercase()));
        Ok(states)
    }

    /// For each of these projects, whether it could have a trigger. The processes are read in pages.
    ///
    /// # Errors
    /// When Octopus refuses the API key or throttles it.
    pub async fn possible(&self, projects: &[&Project]) -> Result<Vec<Possible>, OctopusError> {
        let spaces: BTreeSet<_> = projects.iter().map(|project| &project.space).collect();
        let reader = self.octopus.for_refresh();
        let mut feeds = Vec::new();
        for space in spaces {
            let own = projects.iter().filter(|project| project.space == *space);
            let names = own.map(|project| project.name.as_str()).collect();
            reader.preload(space, &[], &names).await?;
            feeds.extend(reader.feeds(space).await?);
        }
        let mut possible = Vec::new();
        for project in projects {
            possible.push(match followable(&reader, project, &feeds).await {
                Ok(0) => Possible::Nothing,
                Ok(packages) => Possible::Packages(packages),
                Err(error) if error.kind.concerns_key() => return Err(error),
                Err(error) => Possible::Unknown(with_causes(&error)),
            });
        }
        Ok(possible)
    }
}

/// The number of package references of the default channel that a trigger can watch.
async fn followable<O: OctopusReader>(
    octopus: &O,
    project: &Project,
    feeds: &[Feed],
) -> Result<usize, OctopusError> {
    let channel = octopus.channel(project, None).await?;
    let process = octopus.process(project, &channel.id).await?;
    let space = &project.space;
    let own: Vec<_> = feeds
        .iter()
        .filter(|feed| feed.space == *space)
        .cloned()
        .collect();
    let references = process.actions.iter().flat_map(|action| {
        let slug = action.handle().to_owned();
        let names = action.package_references.iter();
        names.map(move |name| SourceRef {
            action_slug: slug.clone(),
            package_reference: name.clone(),
        })
    });
    let is_followable = |reference: &SourceRef| {
        let actions = &process.actions;
        let source = resolve_source(space, reference, actions, &process.template, &own);
        source.resolution.is_ok()
    };
    Ok(references.filter(is_followable).count())
}
