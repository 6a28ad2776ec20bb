//! What a trigger would do now, and what it would have done: gathered and judged as in step 3, without any
//! effect. Nothing is claimed, created, recorded or published.

use domain::decide::{Answers, ExplainedDecision, PreviousRelease, Situation};
use domain::ledger::Owner;
use domain::simulate::{MOST_DECISIONS, Simulation, simulate};
use domain::time::{Span, Timestamp};
use domain::trigger::{NativeTriggers, Trigger};

use engine::StepError;
use engine::evaluate::{Evaluate, EvaluateSettings, Gathered, answers, previous_release};
use engine::ports::{Clock, OctopusReader, Release, SnapshotReader, WatchLists};

/// The most releases of a channel that are read to see what was made.
pub const MOST_RELEASES: usize = 500;

/// Explains triggers.
pub struct Explain<'a, S, O, C> {
    /// The store.
    pub store: &'a S,
    /// Octopus.
    pub octopus: &'a O,
    /// The clock.
    pub clock: &'a C,
}

/// What would be decided now, and on what.
pub struct Explanation {
    /// The judgement.
    pub decided: ExplainedDecision,
    answers: Answers,
    gathered: Gathered,
}

/// What would have been done, beside what was done.
#[derive(Debug)]
pub struct Comparison {
    /// What the trigger would have done.
    pub simulation: Simulation,
    /// The channel's releases of that time, newest first, at most [`MOST_RELEASES`] of all that it has.
    pub made: Vec<Release>,
}

impl Explanation {
    /// What the judgement looked at.
    pub fn situation<'a>(&'a self, trigger: &'a Trigger) -> Situation<'a> {
        self.gathered.situation(trigger)
    }
}

impl<S: SnapshotReader + WatchLists, O: OctopusReader, C: Clock> Explain<'_, S, O, C> {
    /// Judges a trigger as it would be evaluated now.
    ///
    /// # Errors
    /// When the store or Octopus fails.
    pub async fn now(&self, trigger: &Trigger) -> Result<Explanation, StepError> {
        // Only what gathers is used, and that has no need of these.
        let settings = EvaluateSettings {
            observe: true,
            native: NativeTriggers::None,
            owner: Owner("nobody".to_owned()),
            lease: Span::default(),
        };
        let step = Evaluate {
            store: self.store,
            octopus: self.octopus,
            bus: &(),
            clock: self.clock,
            settings: &settings,
        };
        let gathered = step.gather(trigger).await??;
        let (decided, answers) = answers(self.octopus, &gathered.situation(trigger)).await?;
        Ok(Explanation {
            decided,
            answers,
            gathered,
        })
    }

    /// What the trigger would have done since a time, beside what was done in its channel.
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
        let is_later = |release: &Release| release.assembled.is_some_and(|at| at > since);
        let before = releases.iter().find(|release| !is_later(release));
        let before: Option<PreviousRelease> = before.map(previous_release);
        let present = Situation {
            previous: before.as_ref(),
            ..explanation.situation(trigger)
        };
        Ok(Comparison {
            simulation: simulate(&present, &explanation.answers, since, MOST_DECISIONS),
            made: releases.into_iter().filter(is_later).collect(),
        })
    }
}
