//! The sources that a trigger can have: the package references of the process, each with the newest version of
//! its feed and the newest version that the channel's rules permit.

use std::collections::BTreeMap;

use domain::decide::{Candidate, PackageSnapshot};
use domain::feed::{Feed, FeedKind};
use domain::ids::{ChannelId, FeedId, PackageId, PackageKey, TriggerId};
use domain::options::{Options, VersionPolicy};
use domain::process::resolve_source;
use domain::time::Timestamp;
use domain::trigger::{Source, SourceRef, Trigger, TriggerOrigin};
use domain::version::VersionFormat;

use super::Adding;
use crate::probe::{Probe, Probed, Read, newest, snapshot};
use engine::ports::{
    Budgets, Catalogue, Clock, FeedReader, OctopusReader, Project, Reading, Routes, Snapshots,
};
use engine::{StepError, with_causes};

/// A package reference that can be selected.
#[derive(Clone, Debug)]
pub struct SourceChoice {
    /// The package reference.
    pub reference: SourceRef,
    /// The package id in its feed; empty if it is unknown.
    pub package: String,
    /// The feed's name.
    pub feed: String,
    /// Whether it is an image or a chart, the kinds that Octopus supports.
    pub is_image_or_chart: bool,
    /// The newest version of the feed, with the reason if the channel's rules refuse it.
    pub newest: Option<Candidate>,
    /// The newest version that the rules permit.
    pub permitted: Option<String>,
    /// The rule, as text; empty if it permits everything.
    pub rule: String,
    /// Why it cannot be watched, or could not be read.
    pub problem: Option<String>,
    /// Whether it can be watched, independent of its current versions.
    pub is_followable: bool,
}

impl<S, O, R, C> Adding<'_, S, O, R, C>
where
    S: Snapshots + Budgets,
    O: OctopusReader + Catalogue,
    R: FeedReader + Routes,
    C: Clock,
{
    /// The package references of the process as the channel sees it, in its order. Those that cannot be
    /// watched have the reason.
    ///
    /// # Errors
    /// When the store or Octopus fails. The failure of a feed is the problem of its sources.
    pub async fn sources(
        &self,
        project: &Project,
        channel: &ChannelId,
    ) -> Result<Vec<SourceChoice>, StepError> {
        let process = self.octopus.process(project, channel).await?;
        let feeds = self.octopus.feeds(&project.space).await?;
        let (actions, template) = (&process.actions, &process.template);
        let mut sources = Vec::new();
        for action in actions {
            for name in &action.package_references {
                let reference = SourceRef {
                    action_slug: action.handle().to_owned(),
                    package_reference: name.clone(),
                };
                let space = &project.space;
                sources.push(resolve_source(space, &reference, actions, template, &feeds));
            }
        }
        let trigger = draft(project, channel, &sources);
        let (read, failed) = self.read(&sources, &feeds).await?;
        let found = newest(self.octopus, &trigger, &read, self.clock.now()).await?;
        let choice = |source: Source| {
            let mut choice = SourceChoice::of(&source, &feeds);
            if let Ok(resolved) = &source.resolution {
                choice.problem = failed.get(&resolved.package).cloned();
            }
            let mut found = found.iter();
            let of_source = found.find(|one| one.finding.reference == source.reference);
            if let Some(one) = of_source {
                choice.rule.clone_from(&one.rule);
                choice.newest = one.finding.candidates.first().cloned();
                choice.permitted.clone_from(&one.finding.latest);
                choice.problem.clone_from(&one.finding.blocker);
            }
            choice
        };
        Ok(sources.into_iter().map(choice).collect())
    }

    /// Reads the packages of the sources, each once. Returns the listings, and the errors of the others.
    async fn read(
        &self,
        sources: &[Source],
        feeds: &[Feed],
    ) -> Result<(Read, BTreeMap<PackageKey, String>), StepError> {
        let mut by_feed: BTreeMap<FeedId, Vec<PackageId>> = BTreeMap::new();
        for source in sources {
            let Ok(resolved) = &source.resolution else {
                continue;
            };
            let packages = by_feed.entry(resolved.package.feed.clone()).or_default();
            if !packages.contains(&resolved.package.package) {
                packages.push(resolved.package.package.clone());
            }
        }
        let probe = Probe {
            store: self.store,
            reader: self.reader,
            clock: self.clock,
        };
        let (mut read, mut failed) = (Read::new(), BTreeMap::new());
        for (id, packages) in by_feed {
            let Some(feed) = feeds.iter().find(|feed| feed.id == id) else {
                continue;
            };
            let key = |package: &PackageId| PackageKey {
                space: feed.space.clone(),
                feed: feed.id.clone(),
                package: package.clone(),
            };
            let answer = match probe.run(feed, &packages).await? {
                Probed::Answered(answer, _) => answer,
                Probed::Throttled(until) => {
                    let why = format!("the feed {} is throttled until {until}", feed.name);
                    failed.extend(packages.iter().map(|one| (key(one), why.clone())));
                    continue;
                }
            };
            for (package, reading) in packages.iter().zip(answer.readings) {
                match reading {
                    Ok(Reading::Listing { versions, .. }) => {
                        let read_now = PackageSnapshot {
                            feed: feed.clone(),
                            snapshot: snapshot(versions, self.clock.now()),
                        };
                        read.insert(key(package), read_now);
                    }
                    Ok(Reading::Unchanged) => {}
                    Err(error) => {
                        failed.insert(key(package), with_causes(&error));
                    }
                }
            }
        }
        Ok((read, failed))
    }
}

impl SourceChoice {
    fn of(source: &Source, feeds: &[Feed]) -> Self {
        let resolved = source.resolution.as_ref().ok();
        let package = resolved.map(|resolved| &resolved.package);
        let feed = package.and_then(|package| feeds.iter().find(|one| one.id == package.feed));
        Self {
            reference: source.reference.clone(),
            package: package.map_or_else(String::new, |one| one.package.to_string()),
            feed: feed.map_or_else(String::new, |feed| feed.name.clone()),
            is_image_or_chart: feed.is_some_and(|feed| is_image_or_chart(&feed.kind)),
            newest: None,
            permitted: None,
            rule: String::new(),
            problem: source.resolution.as_ref().err().map(ToString::to_string),
            is_followable: resolved.is_some(),
        }
    }

    /// A description of the newest versions: `1.1.0`, or why no version is permitted.
    pub fn verdict(&self) -> String {
        let newest = self.newest.as_ref();
        match (&self.permitted, newest, &self.problem) {
            (Some(permitted), Some(newest), _) => match &newest.refused {
                Some(why) => format!(
                    "{permitted} is permitted; the newest, {}, is not: {why}",
                    newest.version
                ),
                None => format!("{permitted} is the newest, and permitted"),
            },
            (Some(permitted), None, _) => format!("{permitted} is permitted"),
            (None, Some(newest), _) => match &newest.refused {
                Some(why) => format!(
                    "no version is permitted; the newest, {}: {why}",
                    newest.version
                ),
                None => format!("the newest is {}", newest.version),
            },
            (None, None, Some(problem)) => problem.clone(),
            (None, None, None) => "no version is known".to_owned(),
        }
    }
}

fn is_image_or_chart(kind: &FeedKind) -> bool {
    kind.version_format() == VersionFormat::Docker || *kind == FeedKind::Helm
}

/// A draft of the trigger. Only its sources and its channel are used.
fn draft(project: &Project, channel: &ChannelId, sources: &[Source]) -> Trigger {
    let plain = |source: &Source| Source {
        policy: VersionPolicy::default(),
        ..source.clone()
    };
    Trigger {
        id: TriggerId::new(""),
        name: String::new(),
        space: project.space.clone(),
        project: project.id.clone(),
        project_name: project.name.clone(),
        channel: channel.clone(),
        sources: sources.iter().map(plain).collect(),
        problem: None,
        stale: None,
        documents: None,
        origin: TriggerOrigin::Octopus,
        since: Timestamp::default(),
        options: Options::default(),
    }
}
