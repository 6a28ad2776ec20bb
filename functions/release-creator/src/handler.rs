//! One batch of messages: each leads to evaluations of triggers.

use std::rc::Rc;

use aws::{DynamoTable, EventBus};
use domain::history::{Evaluation, Outcome};
use domain::ledger::Owner;
use domain::time::Span;
use domain::trigger::NativeTriggers;
use engine::evaluate::{Evaluate, EvaluateSettings};
use engine::messages::{Event, Message};
use host::SystemClock;
use lambda_kit::batch::{self, Batch, BatchResponse, RecordError};
use lambda_kit::env::Env;
use lambda_kit::invoke::Failure;
use lambda_kit::metrics::Metrics;
use lambda_kit::wiring::StackOctopus;
use store::Store;

/// How long a claim in the ledger holds: longer than an invocation can last (the template's 300 s).
const LEASE: Span = Span::from_seconds(330);

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
    request_id: String,
) -> Result<BatchResponse, Failure> {
    let settings = EvaluateSettings {
        observe: app.observe,
        native: app.native,
        owner: Owner(format!("invocation {request_id}")),
        lease: LEASE,
    };
    // One after another: two evaluations of one channel would only wait for each other.
    Ok(batch::each_message(batch, 1, |message| evaluate(&app, &settings, message)).await)
}

async fn evaluate(
    app: &App,
    settings: &EvaluateSettings,
    message: Message,
) -> Result<(), RecordError> {
    let origin = message.origin();
    let step = Evaluate {
        store: &app.store,
        octopus: &app.octopus,
        bus: &app.bus,
        clock: &app.clock,
        settings,
    };
    let evaluations = match &message.event {
        Event::PackageVersionsChanged(announcement) => step.changed(announcement, &origin).await?,
        Event::TriggerEvaluationRequested(request) => step
            .requested(request, &origin)
            .await?
            .into_iter()
            .collect(),
        other => return Err(format!("a {} is not for this function", other.detail_type()).into()),
    };
    let mut metrics = Metrics::new(&app.env);
    for evaluation in &evaluations {
        tell(evaluation);
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

/// Nothing to do: debug. A release: info. What somebody must look at: a warning.
fn tell(evaluation: &Evaluation) {
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
