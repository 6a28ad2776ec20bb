//! The current decision of a trigger, and its simulated decisions in the past: gathered and decided as in an
//! evaluation, without leases, releases, records or messages.

use domain::decide::{Answers, ExplainedDecision, Situation};
use domain::ledger::{Claimant, Owner};
use domain::simulate::{MAX_DECISIONS, Simulation, simulate};
use domain::time::{Span, Timestamp};
use domain::trigger::{NativeTriggers, Trigger};

use engine::StepError;
use engine::evaluate::{Depth, Evaluate, EvaluateSettings, GatherError, Gathered};
use engine::ports::{Clock, Ledger, OctopusReader, Pauses, Release, SnapshotReader, WatchLists};

/// The most releases of a channel that are read for comparison.
pub const MOST_RELEASES: usize = 500;

mod unknown;

pub use unknown::Unknown;

/// Explains triggers.
pub struct Explain<'a, S, O, C> {
    /// The store.
    pub store: &'a S,
    /// Octopus.
    pub octopus: &'a O,
    /// The clock.
    pub clock: &'a C,
}

/// The current decision and its inputs.
pub struct Explanation {
    /// The judgement.
    pub decided: ExplainedDecision,
    answers: Answers,
    gathered: Gathered,
}

/// The simulated releases and the real ones.
#[derive(Debug)]
pub struct Comparison {
    /// The simulated releases.
    pub simulation: Simulation,
    /// The start: the requested time, or the oldest release that was read, if that is later.
    pub since: Timestamp,
    /// Facts about that time that are not known.
    pub unknown: Vec<Unknown>,
    /// The channel's releases of that time, newest first, at most [`MOST_RELEASES`] of all that it has.
    pub made: Vec<Release>,
}

impl Explanation {
    /// The inputs of the decision.
    pub fn situation<'a>(&'a self, trigger: &'a Trigger) -> Situation<'a> {
        self.gathered.situation(trigger)
    }
}

impl<S: SnapshotReader + WatchLists + Ledger + Pauses, O: OctopusReader, C: Clock>
    Explain<'_, S, O, C>
{
    /// Judges a trigger as it would be evaluated now.
    ///
    /// # Errors
    /// When the store or Octopus fails.
    pub async fn now(&self, trigger: &Trigger) -> Result<Explanation, StepError> {
        // Only the gathering is used, which does not use the settings.
        let settings = EvaluateSettings {
            observe: true,
            native: NativeTriggers::None,
            claimant: Claimant {
                owner: Owner("explain".to_owned()),
                is_alone: false,
            },
            lease: Span::default(),
        };
        let step = Evaluate {
            store: self.store,
            octopus: self.octopus,
            bus: &(),
            clock: self.clock,
            settings: &settings,
        };
        let gathered = match step.gather(trigger, Depth::All).await {
            Ok(gathered) => gathered,
            Err(GatherError::Octopus(error)) => return Err(error.into()),
            Err(GatherError::Step(error)) => return Err(error),
        };
        let (decided, answers) = step.judge(trigger, &gathered).await?;
        let decided = step.with_unwatched(&gathered, decided).await?;
        Ok(Explanation {
            decided,
            answers,
            gathered,
        })
    }

    /// Simulates the trigger since a time, and reads the real releases of its channel.
    ///
    /// # Errors
    /// When the store or Octopus fails.
    pub async fn since(
        &self,
        trigger: &Trigger,
        since: Timestamp,
    ) -> Result<Comparison, StepError> {
        let explanation = self.now(trigger).await?;
        let project = &explanation.gathered.project;
        let releases = self
            .octopus
            .releases(project, &trigger.channel, MOST_RELEASES);
        let releases = releases.await?;
        let start = start(&releases, since);
        let is_later = |release: &Release| release.assembled.is_some_and(|at| at > start);
        let later = releases.iter().take_while(|release| is_later(release));
        let before = &releases[later.count()..];
        let released = explanation.gathered.released(self.octopus);
        let before = released.named(before, Depth::All).await?;
        let made: Vec<_> = before
            .ours
            .iter()
            .filter_map(|release| release.assembled)
            .collect();
        let present = Situation {
            previous: before.newest.as_ref(),
            ours: &before.ours,
            made: &made,
            ..explanation.situation(trigger)
        };
        let mut unknown = unknown::of_packages(&present, start);
        if start > since {
            unknown.insert(0, Unknown::Releases { before: start });
        }
        Ok(Comparison {
            simulation: simulate(&present, &explanation.answers, start, MAX_DECISIONS),
            since: start,
            unknown,
            made: releases.into_iter().filter(is_later).collect(),
        })
    }
}

/// The time from which the channel's releases are known.
fn start(releases: &[Release], since: Timestamp) -> Timestamp {
    let oldest = releases.last().filter(|_| releases.len() >= MOST_RELEASES);
    let oldest = oldest.and_then(|release| release.assembled);
    oldest.map_or(since, |oldest| oldest.max(since))
}
