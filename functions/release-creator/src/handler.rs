//! Handles a batch of changes and evaluation requests. Each message leads to evaluations of triggers.

use std::rc::Rc;

use aws::{DynamoTable, EventBus};
use domain::history::{Evaluation, Outcome};
use domain::trigger::NativeTriggers;
use engine::evaluate::EvaluateSettings;
use engine::messages::Message;
use engine::steps::{Absent, Handled, Settings, Steps};
use host::SystemClock;
use lambda_kit::batch::{self, Batch, BatchResponse, RecordError};
use lambda_kit::env::Env;
use lambda_kit::invoke::{Failure, Invocation};
use lambda_kit::metrics::Metrics;
use lambda_kit::wiring::StackOctopus;
use store::Store;

pub(crate) struct App {
    pub(crate) store: Store<DynamoTable>,
    pub(crate) octopus: StackOctopus,
    pub(crate) bus: EventBus,
    pub(crate) clock: SystemClock,
    pub(crate) observe: bool,
    pub(crate) native: NativeTriggers,
    pub(crate) env: Env,
}

pub(crate) async fn handle(
    app: Rc<App>,
    batch: Batch,
    invocation: Invocation,
) -> Result<BatchResponse, Failure> {
    let settings = Settings {
        evaluate: EvaluateSettings::for_invocation(&invocation.request_id, app.native, app.observe),
        ..Settings::default()
    };
    Ok(batch::each_message(batch, &invocation, |message| {
        evaluate(&app, &settings, message)
    })
    .await)
}

async fn evaluate(app: &App, settings: &Settings, message: Message) -> Result<(), RecordError> {
    let steps = Steps {
        store: &app.store,
        octopus: &app.octopus,
        reader: &Absent,
        bus: &app.bus,
        clock: &app.clock,
        settings,
    };
    let Handled::Evaluated(evaluations) = steps.handle(&message).await? else {
        return Ok(());
    };
    let mut metrics = Metrics::new(&app.env);
    for evaluation in &evaluations {
        log(evaluation);
        metrics.count(metric(evaluation.outcome), 1);
        metrics.millis("EvaluationDuration", evaluation.took.as_millis());
    }
    metrics.emit();
    Ok(())
}

fn metric(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Created => "ReleasesCreated",
        Outcome::AlreadyReleased => "ReleaseAlreadyExisted",
        Outcome::Failed | Outcome::Refused => "ReleaseFailed",
        Outcome::Observed | Outcome::Waiting | Outcome::Skipped => "ReleasesSkipped",
    }
}

/// Logs an evaluation without effect at debug level, a release at info level, and a failure as a warning.
fn log(evaluation: &Evaluation) {
    let Evaluation {
        trigger_name,
        project_name,
        outcome,
        reason,
        ..
    } = evaluation;
    let release = evaluation
        .release
        .as_ref()
        .map(|release| release.version.as_str());
    match outcome {
        Outcome::Created | Outcome::Observed | Outcome::AlreadyReleased => tracing::info!(
            trigger = trigger_name, project = project_name, %outcome, reason, release, "evaluated"
        ),
        Outcome::Failed | Outcome::Refused => tracing::warn!(
            trigger = trigger_name, project = project_name, %outcome, reason, "evaluated"
        ),
        Outcome::Waiting | Outcome::Skipped => tracing::debug!(
            trigger = trigger_name, project = project_name, %outcome, reason, "evaluated"
        ),
    }
}
