//! The watch list, read anew from Octopus: which triggers this program runs and what they watch.
//!
//! What is wrong with one trigger is written down with that trigger and fails no other. Only what
//! concerns the whole server (it cannot be reached, the key is refused) fails the reading.

use std::collections::{BTreeMap, BTreeSet};

use domain::feed::Feed;
use domain::ids::{ChannelId, PackageKey, ProjectId};
use domain::options::{Options, Selection};
use domain::process::{ChannelRule, resolve_source, rule_for, with_action_names};
use domain::rule::RuleStrategy;
use domain::time::Timestamp;
use domain::trigger::{NativeTriggers, Needs, Origin, Source, Trigger, WatchList};

use crate::ports::{
    NativeTrigger, OctopusError, OctopusErrorKind, OctopusReader, Process, Project,
};

/// Reads the triggers of the wanted spaces and resolves their sources.
///
/// # Errors
/// When a wanted space cannot be seen, or Octopus as a whole cannot be read.
pub async fn read_watch_list<O: OctopusReader>(
    octopus: &O,
    spaces: &[String],
    native: NativeTriggers,
) -> Result<WatchList, OctopusError> {
    let mut list = WatchList::default();
    for space in octopus.spaces(spaces).await? {
        let triggers: Vec<_> = octopus
            .feed_triggers(&space.id)
            .await?
            .into_iter()
            .filter(|trigger| native.selects(trigger.is_disabled, &trigger.description))
            .collect();
        if triggers.is_empty() {
            continue;
        }
        let feeds = octopus.feeds(&space.id).await?;
        let mut projects = Projects {
            octopus,
            known: BTreeMap::new(),
            processes: BTreeMap::new(),
            needs: BTreeMap::new(),
        };
        for trigger in triggers {
            list.triggers
                .push(projects.resolve(&space.id, trigger, &feeds).await?);
        }
        list.needs.append(&mut projects.needs);
        let used: BTreeSet<_> = list
            .triggers
            .iter()
            .flat_map(Trigger::packages)
            .filter(|package| package.space == space.id)
            .map(|package| package.feed.clone())
            .collect();
        list.feeds
            .extend(feeds.into_iter().filter(|feed| used.contains(&feed.id)));
    }
    Ok(list)
}

/// The projects and processes read so far; several triggers often share one.
struct Projects<'a, O> {
    octopus: &'a O,
    known: BTreeMap<ProjectId, Result<Project, String>>,
    processes: BTreeMap<(ProjectId, ChannelId), Result<Seen, String>>,
    /// What somebody needs to know of packages.
    needs: BTreeMap<PackageKey, Needs>,
}

/// A process as one channel sees it, with the channel's rules.
#[derive(Clone)]
struct Seen {
    process: Process,
    rules: Vec<ChannelRule>,
}

impl<O: OctopusReader> Projects<'_, O> {
    async fn resolve(
        &mut self,
        space: &domain::ids::SpaceId,
        native: NativeTrigger,
        feeds: &[Feed],
    ) -> Result<Trigger, OctopusError> {
        let mut trigger = Trigger {
            id: native.id,
            name: native.name,
            space: space.clone(),
            project: native.project,
            project_name: String::new(),
            channel: native.channel.clone().unwrap_or_else(|| ChannelId::new("")),
            sources: Vec::new(),
            problem: None,
            origin: Origin::Octopus,
            since: Timestamp::default(),
            options: Options::default(),
        };
        match self.process_of(&mut trigger, native.channel).await? {
            Ok(Seen { process, rules }) => {
                let Process {
                    actions, template, ..
                } = &process;
                let resolve = |one| resolve_source(space, one, actions, template, feeds);
                trigger.sources = native.sources.iter().map(resolve).collect();
                for package in dated(&trigger.sources, &process, &rules) {
                    self.needs.entry(package).or_default().dates = true;
                }
            }
            Err(problem) => {
                trigger.sources = native
                    .sources
                    .into_iter()
                    .map(|reference| Source {
                        reference,
                        resolution: Err(problem.clone()),
                        selection: Selection::default(),
                    })
                    .collect();
                trigger.problem = Some(problem);
            }
        }
        Ok(trigger)
    }

    /// The process of the trigger's project in its channel, or what is wrong with either.
    async fn process_of(
        &mut self,
        trigger: &mut Trigger,
        channel: Option<ChannelId>,
    ) -> Result<Result<Seen, String>, OctopusError> {
        let project = match self.project(trigger).await? {
            Ok(project) => project,
            Err(problem) => return Ok(Err(problem)),
        };
        trigger.project_name.clone_from(&project.name);
        if project.is_disabled {
            return Ok(Err(format!("the project `{}` is disabled", project.name)));
        }
        if channel.is_none() {
            match own_problem(self.octopus.channel(&project, None).await)? {
                Ok(default) => trigger.channel = default.id,
                Err(problem) => return Ok(Err(problem)),
            }
        }
        let key = (project.id.clone(), trigger.channel.clone());
        if let Some(known) = self.processes.get(&key) {
            return Ok(known.clone());
        }
        let read = self.see(&project, &trigger.channel).await;
        let read = own_problem(read)?;
        Ok(self.processes.entry(key).or_insert(read).clone())
    }

    async fn see(&self, project: &Project, channel: &ChannelId) -> Result<Seen, OctopusError> {
        let process = self.octopus.process(project, channel).await?;
        let channel = self.octopus.channel(project, Some(channel)).await?;
        let rules = with_action_names(channel.rules, &process.action_names);
        Ok(Seen { process, rules })
    }

    async fn project(
        &mut self,
        trigger: &Trigger,
    ) -> Result<Result<Project, String>, OctopusError> {
        if let Some(known) = self.known.get(&trigger.project) {
            return Ok(known.clone());
        }
        let read = own_problem(self.octopus.project(&trigger.space, &trigger.project).await)?;
        Ok(self
            .known
            .entry(trigger.project.clone())
            .or_insert(read)
            .clone())
    }
}

/// The packages of which the rules take the version published last.
fn dated(sources: &[Source], process: &Process, rules: &[ChannelRule]) -> Vec<PackageKey> {
    let by_date = |source: &Source| {
        let resolved = source.resolution.as_ref().ok()?;
        let reference = &source.reference.package_reference;
        let mut packages = process.template.packages.iter();
        let package = packages.find(|package| package.is(&resolved.action_name, reference))?;
        let strategy = rule_for(rules, package).strategy;
        (strategy == RuleStrategy::MostRecentlyPublished).then(|| resolved.package.clone())
    };
    sources.iter().filter_map(by_date).collect()
}

/// Tells what is wrong with one project or channel from what is wrong with the server.
fn own_problem<T>(read: Result<T, OctopusError>) -> Result<Result<T, String>, OctopusError> {
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
