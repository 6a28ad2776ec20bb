//! Whether the system runs, and its triggers with it.

use domain::history::{Outcome, patience};
use domain::time::Span;
use domain::trigger::Runner;

use super::{Doctor, Finding};
use crate::overview::{Current, Memory, TriggerState};
use engine::StepError;
use engine::ports::{Caller, Catalogue, Clock, FeedReader, OctopusReader, Routes};
use engine::schedule::EVALUATE_EVERY;

/// A round is planned every minute by default, and every five at most on a stack: two of them may be late.
const NO_ROUND: Span = Span::from_minutes(10);

impl<S, O, R, C> Doctor<'_, S, O, R, C>
where
    S: Memory,
    O: OctopusReader + Catalogue + Caller,
    R: FeedReader + Routes,
    C: Clock,
{
    pub(super) async fn triggers(&self, current: &Current) -> Result<Vec<Finding>, StepError> {
        let states = self.look.triggers(current).await?;
        let ours = states
            .iter()
            .filter(|state| matches!(state.runner, Runner::ThisProgram | Runner::Both));
        let mut findings: Vec<_> = ours.map(trigger).collect();
        if findings.is_empty() {
            findings.push(Finding::of("trigger", "all", "no trigger is run here").warning(
                "`feedctl triggers add` makes one, `feedctl triggers adopt` takes one of Octopus's over",
            ));
        }
        let problems = current.fresh.problems.iter();
        findings.extend(problems.map(|problem| {
            Finding::of("trigger", "the applied file", problem)
                .error("correct the file, then `feedctl apply`")
        }));
        Ok(findings)
    }

    pub(super) async fn schedule(&self) -> Result<Finding, StepError> {
        let rounds = |seen: &str| Finding::of("schedule", "rounds", seen);
        let Some(store) = self.look.store else {
            return Ok(rounds("nothing is remembered here yet")
                .warning("start `feedctl run`, or name a stack with --stack"));
        };
        let Some(tick) = store.last_run().await? else {
            return Ok(rounds("there was none yet")
                .error("start `feedctl run`; of a stack, look at the scheduler's log"));
        };
        let ago = self.now().since(tick.at);
        Ok(rounds(&format!("the last one was {ago} ago")).error_unless(
            ago <= NO_ROUND,
            "is `feedctl run` still running? Of a stack, look at the scheduler's log and the schedule's \
             dead letters",
        ))
    }
}

fn trigger(state: &TriggerState) -> Finding {
    let finding = |seen: &str| Finding::of("trigger", &state.name, seen);
    if let Some(problem) = &state.problem {
        return finding(problem).error("do what the message says");
    }
    if state.is_stalled {
        let patience = patience(EVALUATE_EVERY);
        return finding(&format!(
            "stalled: it was not evaluated with success for {patience}"
        ))
        .error("`feedctl history` says why");
    }
    match &state.last {
        Some(last) if last.outcome == Outcome::Failed => {
            finding(&format!("its last evaluation failed: {}", last.reason))
                .error("do what the message says; it is tried again by itself")
        }
        Some(last) => finding(&format!("{}: {}", last.outcome, last.reason)),
        None => finding("not evaluated yet"),
    }
}
