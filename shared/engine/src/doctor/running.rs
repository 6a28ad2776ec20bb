//! Whether the system runs, and its triggers with it.

use domain::history::Outcome;
use domain::time::Span;
use domain::trigger::Runner;

use super::{Doctor, Finding};
use crate::StepError;
use crate::overview::{Current, Memory, TriggerState};
use crate::ports::{Caller, Catalogue, Clock, FeedReader, OctopusReader, Routes};

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
            .filter(|state| matches!(state.runner, Runner::Here | Runner::Both));
        let mut findings: Vec<_> = ours.map(trigger).collect();
        if findings.is_empty() {
            findings.push(Finding::doubtful(
                "trigger",
                "all",
                "no trigger is run here",
                "`feedctl triggers add` makes one, `feedctl triggers adopt` takes one of Octopus's over",
            ));
        }
        let problems = current.fresh.problems.iter();
        findings.extend(problems.map(|problem| {
            Finding::wrong(
                "trigger",
                "the applied file",
                problem,
                "correct the file, then `feedctl apply`",
            )
        }));
        Ok(findings)
    }

    pub(super) async fn schedule(&self) -> Result<Vec<Finding>, StepError> {
        let Some(store) = self.look.store else {
            return Ok(vec![Finding::doubtful(
                "schedule",
                "rounds",
                "nothing is remembered here yet",
                "start `feedctl run`, or name a stack with --stack",
            )]);
        };
        let Some(tick) = store.last_tick().await? else {
            return Ok(vec![Finding::wrong(
                "schedule",
                "rounds",
                "there was none yet",
                "start `feedctl run`; of a stack, look at the scheduler's log",
            )]);
        };
        let ago = self.now().since(tick);
        let seen = format!("the last one was {ago} ago");
        Ok(vec![if ago <= NO_ROUND {
            Finding::well("schedule", "rounds", seen)
        } else {
            Finding::wrong(
                "schedule",
                "rounds",
                seen,
                "is `feedctl run` still running? Of a stack, look at the scheduler's log and the schedule's \
                 dead letters",
            )
        }])
    }
}

fn trigger(state: &TriggerState) -> Finding {
    let name = &state.name;
    if let Some(problem) = &state.problem {
        return Finding::wrong("trigger", name, problem, "do what the message says");
    }
    if state.is_stalled {
        return Finding::wrong(
            "trigger",
            name,
            "stalled: it was not evaluated with success for four hours",
            "`feedctl history` says why",
        );
    }
    match &state.last {
        Some(last) if last.outcome == Outcome::Failed => Finding::wrong(
            "trigger",
            name,
            format!("its last evaluation failed: {}", last.reason),
            "do what the message says; it is tried again by itself",
        ),
        Some(last) => Finding::well(
            "trigger",
            name,
            format!("{}: {}", last.outcome, last.reason),
        ),
        None => Finding::well("trigger", name, "not evaluated yet"),
    }
}
