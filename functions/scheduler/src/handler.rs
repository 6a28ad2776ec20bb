//! Handles an invocation: one scheduler run.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use aws::{DynamoTable, EventBus};
use domain::deployed_settings::{DeployedSettings, observes};
use domain::trigger::Trigger;
use engine::ports::{Clock, OctopusError, OctopusErrorKind, SettingsRecord, StoreError};
use engine::schedule::RunScope;
use engine::steps::{Absent, Settings, Steps};
use engine::with_causes;
use host::SystemClock;
use lambda_kit::env::Env;
use lambda_kit::invoke::{Failure, Invocation};
use lambda_kit::metrics::Metrics;
use lambda_kit::wiring::StackOctopus;
use serde::{Deserialize, Serialize};
use store::Store;

pub(crate) struct App {
    pub(crate) store: Store<DynamoTable>,
    pub(crate) octopus: StackOctopus,
    pub(crate) bus: EventBus,
    pub(crate) clock: SystemClock,
    pub(crate) settings: Settings,
    /// The stack's parameters by name.
    pub(crate) parameters: BTreeMap<String, String>,
    /// Whether this process has recorded the parameters; they do not change while it runs.
    pub(crate) is_recorded: Cell<bool>,
    pub(crate) env: Env,
}

/// The event of an invocation. `{"everything": true}` requests a run over everything, due or not.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct RunRequest {
    #[serde(default)]
    everything: bool,
}

/// The result of a run.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RunResult {
    triggers: usize,
    checks: usize,
    evaluations: usize,
}

/// The time that remains after the refresh of the watch list, for storing the list and publishing its news.
const MARGIN: Duration = Duration::from_secs(15);

pub(crate) async fn handle(
    app: Rc<App>,
    request: RunRequest,
    invocation: Invocation,
) -> Result<RunResult, Failure> {
    let steps = Steps {
        store: &app.store,
        octopus: &app.octopus,
        reader: &Absent,
        bus: &app.bus,
        clock: &app.clock,
        settings: &app.settings,
    };
    if !app.is_recorded.get() {
        match record_settings(&app).await {
            Ok(()) => app.is_recorded.set(true),
            Err(error) => tracing::warn!(
                exception = with_causes(&error),
                "cannot record the stack's parameters; the next run repeats it"
            ),
        }
    }
    let scope = if request.everything {
        RunScope::Everything
    } else {
        RunScope::Due
    };
    let report = steps
        .schedule(scope, invocation.nearly_over(MARGIN))
        .await
        .map_err(|error| Failure::new("ScheduleFailed", &error))?;
    if let Some(error) = &report.stale {
        tracing::error!(
            exception = with_causes(error),
            "cannot read the triggers from Octopus; using the last watch list"
        );
    }
    if let Some(error) = &report.unsent {
        tracing::error!(
            exception = with_causes(error),
            "messages are too large for the bus; shorten the names of their packages"
        );
    }
    for failure in &report.failures {
        tracing::warn!(
            space = failure.space,
            reason = %failure.problem,
            "cannot read a space; using its part of the last watch list"
        );
    }
    for problem in &report.problems {
        tracing::warn!(%problem, "an entry of the trigger file has no effect");
    }
    for trigger in &report.list.triggers {
        if let Some(problem) = &trigger.problem {
            tracing::warn!(trigger = %trigger.name, %problem, "trigger cannot be evaluated");
        } else if let Some(reason) = &trigger.stale {
            tracing::warn!(trigger = %trigger.name, %reason, "cannot read the trigger; using its last state");
        }
    }
    let mut metrics = Metrics::new(&app.env);
    metrics.count("ChecksRequested", report.checks);
    metrics.count("EvaluationsRequested", report.evaluations);
    let is_stale = |trigger: &Trigger| trigger.stale.is_some();
    let stale = report.list.triggers.iter().any(is_stale);
    metrics.count(
        "WatchListStale",
        usize::from(stale || report.stale.is_some()),
    );
    let key_refused = |error: &OctopusError| error.kind == OctopusErrorKind::Unauthorized;
    metrics.count(
        "ApiKeyRefused",
        usize::from(report.stale.as_ref().is_some_and(key_refused)),
    );
    let observes = observes(&app.parameters);
    metrics.count("Observing", usize::from(observes));
    metrics.count("TriggersWatched", report.list.triggers.len());
    metrics.count("MostTriggersLost", usize::from(report.most_triggers_lost));
    if let Some(stalled) = report.stalled {
        metrics.count("StalledTriggers", stalled);
    }
    metrics.emit();
    tracing::debug!(
        checks = report.checks,
        evaluations = report.evaluations,
        "scheduler run published"
    );
    Ok(RunResult {
        triggers: report.list.triggers.len(),
        checks: report.checks,
        evaluations: report.evaluations,
    })
}

/// Records the parameters if they differ from those of the last deployment.
async fn record_settings(app: &App) -> Result<(), StoreError> {
    let stored = app.store.deployed_settings().await?;
    let now = app.clock.now();
    match DeployedSettings::after(stored.as_ref(), &app.parameters, now) {
        Some(settings) => {
            for change in &settings.changes {
                tracing::info!(
                    parameter = change.name,
                    before = change.before,
                    after = change.after,
                    "the deployment changed a parameter"
                );
            }
            app.store.record_settings(&settings).await
        }
        None => Ok(()),
    }
}
