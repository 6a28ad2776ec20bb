//! Gathers the input of a decision from Octopus and the store.

use std::collections::{BTreeMap, BTreeSet};

use domain::decide::{
    Answer, Answers, ExplainedDecision, PackageSnapshot, PreviousRelease, Question, Reason,
    Situation, decide, decide_with,
};
use domain::due::BackOff;
use domain::feed::Feed;
use domain::ids::PackageKey;
use domain::plan::PlanKey;
use domain::problem::Problem;
use domain::process::{unmatched_rule, with_names};
use domain::time::Timestamp;
use domain::trigger::{Trigger, WatchList};

use super::Evaluate;
use super::released::{Depth, Released};
use super::version_limit::VersionLimit;
use crate::ports::{
    Channel, Clock, Documents, OctopusError, OctopusErrorKind, OctopusReader, Pauses, Process,
    Project, Release, Restraints, SnapshotReader, WatchLists,
};
use crate::{StepError, with_causes};

/// Number of the channel's newest releases that an evaluation reads: enough to find the last one of this program
/// behind releases that users created by hand, and the one of a plan that was interrupted.
pub(super) const LOOK_BACK: usize = 30;

/// Number of the channel's newest releases that are read for a limit of releases per hour. A higher limit has
/// no effect.
const MOST_COUNTED: usize = 100;

/// The reason why the input was not gathered.
#[derive(Debug)]
pub enum GatherError {
    /// Octopus failed: the evaluation failed, but not the step.
    Octopus(OctopusError),
    /// The step failed.
    Step(StepError),
}

impl From<StepError> for GatherError {
    fn from(error: StepError) -> Self {
        Self::Step(error)
    }
}

impl From<OctopusError> for GatherError {
    fn from(error: OctopusError) -> Self {
        Self::Octopus(error)
    }
}

/// The gathered input; owned, so that a [`Situation`] can borrow it.
pub struct Gathered {
    /// The project.
    pub project: Project,
    pub(super) process: Process,
    pub(super) channel: Channel,
    /// The problem of a rule that names a package that the process does not have.
    unmatched_rule: Option<Problem>,
    previous: Option<PreviousRelease>,
    packages: Packages,
    /// The channel's newest releases, newest first, at least [`LOOK_BACK`] of them if there are as many.
    pub(super) releases: Vec<Release>,
    /// The newest releases that this program created, newest first.
    ours: Vec<PreviousRelease>,
    /// The times of the newest releases that this program created, for a limit of releases per hour.
    made: Vec<Timestamp>,
    now: Timestamp,
}

/// The snapshots of a trigger's packages.
pub(super) struct Packages {
    /// The generations of the snapshots.
    generations: BTreeMap<PackageKey, u64>,
    snapshots: BTreeMap<PackageKey, PackageSnapshot>,
    /// The failures of packages without a snapshot.
    failures: BTreeMap<PackageKey, BackOff>,
    /// The trigger with the errors of packages that are too large; `None` if there are none.
    refused: Option<Trigger>,
}

impl Packages {
    /// The reason to wait if no package of the trigger was ever read.
    pub(super) fn unread(&self, trigger: &Trigger) -> Option<Reason> {
        if !self.snapshots.is_empty() || self.refused.is_some() {
            return None;
        }
        let first = trigger.sources.first()?.resolution.as_ref().ok()?;
        Some(Reason::NotRead {
            package: first.package.package.to_string(),
        })
    }
}

impl Gathered {
    /// The generations of the snapshots.
    pub(super) fn generations(&self) -> &BTreeMap<PackageKey, u64> {
        &self.packages.generations
    }

    /// The feed of a package of the trigger.
    pub(super) fn feed_of(&self, package: &PackageKey) -> Option<&Feed> {
        let package = self.packages.snapshots.get(package)?;
        Some(&package.feed)
    }

    /// Reads releases of the project under the current names of their packages.
    pub fn released<'a, O>(&'a self, octopus: &'a O) -> Released<'a, O> {
        Released {
            octopus,
            project: &self.project,
            process: &self.process,
        }
    }

    /// The gathered facts as the input of a decision.
    pub fn situation<'a>(&'a self, trigger: &'a Trigger) -> Situation<'a> {
        Situation {
            trigger: self.packages.refused.as_ref().unwrap_or(trigger),
            template: &self.process.template,
            rules: &self.channel.rules,
            unmatched_rule: self.unmatched_rule.as_ref(),
            previous: self.previous.as_ref(),
            packages: &self.packages.snapshots,
            read_failures: &self.packages.failures,
            git_ref: self.project.git_ref.as_deref(),
            channel_name: &self.channel.name,
            custom_fields: &self.channel.custom_fields,
            ours: &self.ours,
            made: &self.made,
            now: self.now,
        }
    }
}

impl<S: SnapshotReader + WatchLists + Pauses, O: OctopusReader, B, C: Clock>
    Evaluate<'_, S, O, B, C>
{
    /// Gathers the input.
    ///
    /// # Errors
    /// See [`GatherError`].
    pub async fn gather(&self, trigger: &Trigger, depth: Depth) -> Result<Gathered, GatherError> {
        let documents = self.read_documents(trigger).await?;
        self.gather_with(trigger, documents, None, depth).await
    }

    /// Gathers the rest of the input.
    pub(super) async fn gather_with(
        &self,
        trigger: &Trigger,
        documents: Documents,
        releases: Option<Vec<Release>>,
        depth: Depth,
    ) -> Result<Gathered, GatherError> {
        let stored = self.store.watch_list().await.map_err(StepError::from)?;
        let list = stored.map(|stored| stored.list).unwrap_or_default();
        let packages = self.packages(trigger, &list).await?;
        self.with_releases(trigger, &list, packages, documents, releases, depth)
            .await
    }

    /// Reads the snapshots of the trigger's packages.
    pub(super) async fn packages(
        &self,
        trigger: &Trigger,
        list: &WatchList,
    ) -> Result<Packages, StepError> {
        let mut limit = VersionLimit::default();
        let mut snapshots = BTreeMap::new();
        let mut generations = BTreeMap::new();
        let mut unread = Vec::new();
        let keys: BTreeSet<_> = trigger.packages().collect();
        for key in keys {
            let Some(feed) = list.feed(&key.space, &key.feed) else {
                continue;
            };
            let stored = self.store.snapshot_with_generation(key).await?;
            let Some((snapshot, generation)) = stored else {
                unread.push(key);
                continue;
            };
            if limit.admits(trigger, key, snapshot.len()) {
                generations.insert(key.clone(), generation);
                let feed = feed.clone();
                snapshots.insert(key.clone(), PackageSnapshot { feed, snapshot });
            }
        }
        Ok(Packages {
            generations,
            snapshots,
            failures: self.failures(unread).await?,
            refused: limit.into_refused(),
        })
    }

    /// The failures of these packages. The pauses are not read if there are none.
    async fn failures(
        &self,
        unread: Vec<&PackageKey>,
    ) -> Result<BTreeMap<PackageKey, BackOff>, StepError> {
        if unread.is_empty() {
            return Ok(BTreeMap::new());
        }
        let restraints = Restraints {
            pauses: self.store.pauses().await?.into_iter().collect(),
            ..Restraints::default()
        };
        let failure = |key: &PackageKey| Some((key.clone(), restraints.read_failure(key)?.clone()));
        Ok(unread.into_iter().filter_map(failure).collect())
    }

    /// Reads the channel's releases, unless they are known.
    pub(super) async fn with_releases(
        &self,
        trigger: &Trigger,
        list: &WatchList,
        packages: Packages,
        documents: Documents,
        releases: Option<Vec<Release>>,
        depth: Depth,
    ) -> Result<Gathered, GatherError> {
        let Documents {
            project,
            mut channel,
            process,
        } = documents;
        channel.rules = with_names(channel.rules, &process.rule_names);
        let unmatched_rule = unmatched_rule(&channel.rules, &process.actions, &process.template);
        let most = match trigger.options.max_releases_per_hour {
            Some(_) => MOST_COUNTED,
            None => LOOK_BACK,
        };
        let releases = match releases {
            Some(releases) => releases,
            None => {
                let releases = self.octopus.releases(&project, &trigger.channel, most);
                releases.await?
            }
        };
        let is_ours = |release: &&Release| PlanKey::stamped_in(&release.notes).is_some();
        let created = releases.iter().filter(is_ours);
        let made = created.filter_map(|release| release.assembled).collect();
        let released = Released {
            octopus: self.octopus,
            project: &project,
            process: &process,
        };
        let mut named = released.named(&releases, depth).await?;
        if let Some(previous) = &mut named.newest
            && previous.repeats.as_ref().is_some_and(|repeat| {
                let other = list.trigger(&trigger.space, &repeat.trigger);
                other.is_none_or(|other| other.channel != trigger.channel)
            })
        {
            previous.repeats = None;
        }
        Ok(Gathered {
            project,
            process,
            channel,
            unmatched_rule,
            previous: named.newest,
            packages,
            releases,
            ours: named.ours,
            made,
            now: self.clock.now(),
        })
    }
}

/// Decides. If the decision depends on questions that only the server can answer, asks them and decides again.
pub async fn judge<O: OctopusReader>(
    octopus: &O,
    situation: &Situation<'_>,
) -> Result<ExplainedDecision, OctopusError> {
    let (decided, _) = answers(octopus, situation).await?;
    Ok(decided)
}

/// As [`judge`], with the server's answers.
pub(super) async fn answers<O: OctopusReader>(
    octopus: &O,
    situation: &Situation<'_>,
) -> Result<(ExplainedDecision, Answers), OctopusError> {
    let decided = decide(situation);
    let mut answers = Answers::default();
    if decided.questions.is_empty() {
        return Ok((decided, answers));
    }
    for question in decided.questions {
        let answer = ask(octopus, &question).await?;
        answers.add(question, answer);
    }
    Ok((decide_with(situation, &answers), answers))
}

async fn ask<O: OctopusReader>(octopus: &O, question: &Question) -> Result<Answer, OctopusError> {
    let Question { package, rule } = question;
    match octopus.permitted(package, rule).await {
        Ok(versions) => Ok(Answer::Permitted(versions.into_iter().collect())),
        Err(error) if error.kind == OctopusErrorKind::Unsupported => {
            Ok(Answer::Unanswerable(with_causes(&error)))
        }
        Err(error) => Err(error),
    }
}
