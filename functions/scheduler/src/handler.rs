//! One tick: one round of the schedule.

use std::rc::Rc;

use aws::{DynamoTable, EventBus};
use engine::ports::{OctopusError, OctopusErrorKind};
use engine::schedule::{RunScope, Schedule, ScheduleSettings};
use engine::with_causes;
use host::SystemClock;
use lambda_kit::env::Env;
use lambda_kit::invoke::Failure;
use lambda_kit::metrics::Metrics;
use lambda_kit::wiring::StackOctopus;
use serde::{Deserialize, Serialize};
use store::Store;

pub(crate) struct App {
    pub(crate) store: Store<DynamoTable>,
    pub(crate) octopus: StackOctopus,
    pub(crate) bus: EventBus,
    pub(crate) clock: SystemClock,
    pub(crate) settings: ScheduleSettings,
    pub(crate) env: Env,
}

/// What invokes the scheduler. `{"everything": true}` asks for a full round whatever is due.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct SchedulerRun {
    #[serde(default)]
    everything: bool,
}

/// What a round came to.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Done {
    triggers: usize,
    checks: usize,
    evaluations: usize,
}

pub(crate) async fn handle(app: Rc<App>, tick: SchedulerRun) -> Result<Done, Failure> {
    let schedule = Schedule {
        store: &app.store,
        octopus: &app.octopus,
        bus: &app.bus,
        clock: &app.clock,
        settings: &app.settings,
    };
    let round = if tick.everything {
        RunScope::Everything
    } else {
        RunScope::Due
    };
    let report = schedule
        .run(round)
        .await
        .map_err(|error| Failure::new("ScheduleFailed", &error))?;
    if let Some(error) = &report.stale {
        tracing::error!(
            exception = with_causes(error),
            "the triggers could not be read from Octopus; the last list stands"
        );
    }
    for problem in &report.problems {
        tracing::warn!(
            problem,
            "an entry of the applied file of triggers is of no use"
        );
    }
    for trigger in &report.list.triggers {
        if let Some(problem) = &trigger.problem {
            tracing::warn!(trigger = %trigger.name, problem, "trigger cannot be evaluated");
        }
    }
    let mut metrics = Metrics::new(&app.env);
    metrics.count("ChecksRequested", report.checks);
    metrics.count("EvaluationsRequested", report.evaluations);
    metrics.count("WatchListStale", usize::from(report.stale.is_some()));
    let key_refused = |error: &OctopusError| error.kind == OctopusErrorKind::Unauthorized;
    metrics.count(
        "ApiKeyRefused",
        usize::from(report.stale.as_ref().is_some_and(key_refused)),
    );
    metrics.count("TriggersWatched", report.list.triggers.len());
    if let Some(stalled) = report.stalled {
        metrics.count("StalledTriggers", stalled);
    }
    metrics.emit();
    tracing::debug!(
        checks = report.checks,
        evaluations = report.evaluations,
        "round published"
    );
    Ok(Done {
        triggers: report.list.triggers.len(),
        checks: report.checks,
        evaluations: report.evaluations,
    })
}
