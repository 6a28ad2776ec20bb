//! Checks that the scheduler and the triggers run.

use domain::deployed_settings::SettingChange;
use domain::history::{Outcome, patience};
use domain::time::Span;
use domain::trigger::Runner;

use super::{Doctor, DoctorFinding};
use crate::overview::{Current, Memory, TriggerState};
use engine::StepError;
use engine::ports::{Caller, Catalogue, Clock, FeedReader, OctopusReader, Routes};
use engine::schedule::EVALUATE_EVERY;

/// The scheduler runs every minute by default, and at least every five on a stack: two runs may be late.
const NO_RUN: Span = Span::from_minutes(10);

impl<S, O, R, C> Doctor<'_, S, O, R, C>
where
    S: Memory,
    O: OctopusReader + Catalogue + Caller,
    R: FeedReader + Routes,
    C: Clock,
{
    pub(super) async fn triggers(
        &self,
        current: &Current,
    ) -> Result<Vec<DoctorFinding>, StepError> {
        let states = self.look.triggers(current).await?;
        let ours = states
            .iter()
            .filter(|state| matches!(state.runner, Runner::ThisProgram | Runner::Both));
        let mut findings: Vec<_> = ours.map(trigger).collect();
        if findings.is_empty() {
            findings.push(DoctorFinding::of("trigger", "all", "this program runs no trigger").warning(
                "create one with `feedctl triggers add`, or adopt one of Octopus's with `feedctl triggers adopt`",
            ));
        }
        let failures = current.fresh.failures.iter();
        findings.extend(failures.map(|failure| {
            DoctorFinding::of("trigger", format!("space {}", failure.space), &failure.reason)
                .error("follow the message; until then the triggers of this space run as they were read before")
        }));
        let problems = current.fresh.problems.iter();
        findings.extend(problems.map(|problem| {
            DoctorFinding::of("trigger", "the applied file", problem)
                .error("correct the file, then `feedctl apply`")
        }));
        Ok(findings)
    }

    /// The mode of the stack, and the settings that its last deployment changed. Empty on one machine.
    pub(super) async fn settings(&self) -> Result<Vec<DoctorFinding>, StepError> {
        let settings = match self.look.store {
            Some(store) => store.deployed_settings().await?,
            None => None,
        };
        let Some(settings) = settings else {
            return Ok(Vec::new());
        };
        let mut findings = vec![mode(settings.observes())];
        if !settings.changes.is_empty() {
            let ago = self.now().since(settings.since);
            let changes: Vec<_> = settings.changes.iter().map(changed_setting).collect();
            let changes = changes.join(", ");
            findings.push(DoctorFinding::of(
                "stack",
                "parameters",
                format!("the last deployment changed them {ago} ago: {changes}"),
            ));
        }
        Ok(findings)
    }

    pub(super) async fn schedule(&self) -> Result<DoctorFinding, StepError> {
        let runs = |seen: &str| DoctorFinding::of("schedule", "runs", seen);
        let Some(store) = self.look.store else {
            return Ok(runs("this machine has no state yet")
                .warning("start `feedctl run`, or name a stack with --stack"));
        };
        let Some(last) = store.last_run().await? else {
            return Ok(runs("the scheduler has not run yet")
                .error("start `feedctl run`; for a stack, read the scheduler's log"));
        };
        let ago = self.now().since(last.at);
        Ok(runs(&format!("the last run was {ago} ago")).error_unless(
            ago <= NO_RUN,
            "check that `feedctl run` is running; for a stack, read the scheduler's log and the schedule's \
             dead letters",
        ))
    }
}

fn mode(observes: bool) -> DoctorFinding {
    let finding = |seen: &str| DoctorFinding::of("stack", "mode", seen);
    if observes {
        finding("observe: the stack decides and records, but creates no releases").warning(
            "deploy with Mode=create, saved in samconfig.toml, if it shall create releases",
        )
    } else {
        finding("create: the stack creates releases")
    }
}

fn changed_setting(change: &SettingChange) -> String {
    let shown = |value: &str| match value {
        "" => "empty".to_owned(),
        value => value.to_owned(),
    };
    let (before, after) = (shown(&change.before), shown(&change.after));
    format!("{} from {before} to {after}", change.name)
}

fn trigger(state: &TriggerState) -> DoctorFinding {
    let finding = |seen: &str| DoctorFinding::of("trigger", &state.name, seen);
    if let Some(problem) = &state.problem {
        return finding(problem).error("follow the message");
    }
    if let Some(reason) = &state.stale {
        return finding(&format!("it runs as it was read before: {reason}"))
            .warning("follow the message; the next refresh tries again");
    }
    let error = state.error();
    if state.is_stalled {
        let patience = patience(EVALUATE_EVERY);
        let why = error.map(|error| format!("; {error}")).unwrap_or_default();
        return finding(&format!(
            "stalled: it has had no successful evaluation for {patience}{why}"
        ))
        .error("`feedctl history` shows the reasons");
    }
    if let Some(error) = error {
        return match state.is_throttled_only() {
            true => finding(&error)
                .warning("wait; a credential for the feed usually has a larger quota"),
            false => finding(&error)
                .error("follow the message; the trigger is evaluated again within the hour"),
        };
    }
    match &state.last {
        Some(last) if last.outcome == Outcome::Refused => {
            finding(&format!("{}: {}", last.outcome, last.reason))
                .warning("publish a later version, or create a release by hand in Octopus")
        }
        Some(last) => finding(&format!("{}: {}", last.outcome, last.reason)),
        None => finding("not evaluated yet"),
    }
}
