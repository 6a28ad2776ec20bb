//! Checks that the scheduler and the triggers run.

use domain::coded::{Code as _, Coded, CodedText};
use domain::deployed_settings::SettingChange;
use domain::history::{Outcome, patience};
use domain::time::Span;
use domain::trigger::Runner;

use super::{Doctor, DoctorFinding, FindingCode};
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
            let (code, seen) = (FindingCode::NoTriggers, "this program runs no trigger");
            findings.push(DoctorFinding::of("trigger", "all", code, seen).warning(
                "create one with `feedctl triggers add`, or adopt one of Octopus's with `feedctl triggers adopt`",
            ));
        }
        let failures = current.fresh.failures.iter();
        findings.extend(failures.map(|failure| {
            let (subject, seen) = (format!("space {}", failure.space), failure.problem.clone());
            let seen = CodedText {
                code: FindingCode::SpaceNotRead.name(),
                ..seen.into()
            };
            DoctorFinding::about("trigger", subject, seen)
                .text("space", &failure.space)
                .error("follow the message; until then the triggers of this space run as they were read before")
        }));
        let problems = current.fresh.problems.iter();
        findings.extend(problems.map(|problem| {
            DoctorFinding::about("trigger", "the applied file", problem.clone())
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
            let names = settings.changes.iter().map(|change| change.name.as_str());
            let names = names.collect::<Vec<_>>().join(",");
            let seen = format!("the last deployment changed them {ago} ago: {changes}");
            let code = FindingCode::ParametersChanged;
            findings.push(
                DoctorFinding::of("stack", "parameters", code, seen)
                    .text("parameters", names)
                    .text("since", settings.since.to_string()),
            );
        }
        Ok(findings)
    }

    pub(super) async fn schedule(&self) -> Result<DoctorFinding, StepError> {
        let runs = |code, seen: &str| DoctorFinding::of("schedule", "runs", code, seen);
        let Some(store) = self.look.store else {
            return Ok(runs(FindingCode::NoState, "this machine has no state yet")
                .warning("start `feedctl run`, or name a stack with --stack"));
        };
        let Some(last) = store.last_run().await? else {
            let seen = "the scheduler has not run yet";
            return Ok(runs(FindingCode::NoSchedulerRun, seen)
                .error("start `feedctl run`; for a stack, read the scheduler's log"));
        };
        let ago = self.now().since(last.at);
        let seen = format!("the last run was {ago} ago");
        let finding = runs(FindingCode::LastSchedulerRun, &seen).text("at", last.at.to_string());
        Ok(finding.error_unless(
            ago <= NO_RUN,
            "check that `feedctl run` is running; for a stack, read the scheduler's log and the schedule's \
             dead letters",
        ))
    }
}

fn mode(observes: bool) -> DoctorFinding {
    let finding = |code, seen: &str| DoctorFinding::of("stack", "mode", code, seen);
    if observes {
        let seen = "observe: the stack decides and records, but creates no releases";
        finding(FindingCode::ModeObserve, seen).warning(
            "deploy with Mode=create, saved in samconfig.toml, if it shall create releases",
        )
    } else {
        finding(
            FindingCode::ModeCreate,
            "create: the stack creates releases",
        )
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
    let about = |seen: CodedText| {
        DoctorFinding::about("trigger", &state.name, seen).text("triggerId", state.id.as_str())
    };
    if let Some(problem) = &state.problem {
        return about(problem.clone().into()).error("follow the message");
    }
    if let Some(reason) = &state.stale {
        let seen = format!("it runs as it was read before: {reason}");
        let seen = Coded::new(FindingCode::TriggerStale, seen).text("error", &reason.message);
        return about(seen.into()).warning("follow the message; the next refresh tries again");
    }
    let error = state.error();
    if state.is_stalled {
        return about(stalled(error)).error("`feedctl history` shows the reasons");
    }
    if let Some(error) = error {
        return match state.is_throttled_only() {
            true => {
                about(error).warning("wait; a credential for the feed usually has a larger quota")
            }
            false => about(error)
                .error("follow the message; the trigger is evaluated again within the hour"),
        };
    }
    let Some(last) = &state.last else {
        return about(Coded::new(FindingCode::NotEvaluated, "not evaluated yet").into());
    };
    let seen = format!("{}: {}", last.outcome, last.reason);
    let finding = about(CodedText::new(last.details.clone(), seen));
    match last.outcome {
        Outcome::Refused => {
            finding.warning("publish a later version, or create a release by hand in Octopus")
        }
        _ => finding,
    }
}

/// A stalled trigger, with the code and the values of its error.
fn stalled(error: Option<CodedText>) -> CodedText {
    let patience = patience(EVALUATE_EVERY);
    let seen = format!("stalled: it has had no successful evaluation for {patience}");
    match error {
        None => Coded::new(FindingCode::TriggerStalled, seen).into(),
        Some(error) => CodedText {
            message: format!("{seen}; {error}"),
            ..error
        },
    }
}
