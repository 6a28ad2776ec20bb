//! Handles a batch of ECR events. Each event requests checks of the packages that it concerns, or is
//! ignored.

use std::rc::Rc;

use aws::{DynamoTable, EventBus};
use engine::receive::PushOutcome;
use engine::steps::{Absent, Settings, Steps};
use host::SystemClock;
use lambda_kit::batch::{self, Batch, BatchResponse, EventBridgeEvent, RecordError};
use lambda_kit::env::Env;
use lambda_kit::invoke::Failure;
use lambda_kit::metrics::Metrics;
use store::Store;

pub(crate) struct App {
    pub(crate) store: Store<DynamoTable>,
    pub(crate) bus: EventBus,
    pub(crate) clock: SystemClock,
    pub(crate) settings: Settings,
    pub(crate) env: Env,
}

pub(crate) async fn handle(app: Rc<App>, batch: Batch) -> Result<BatchResponse, Failure> {
    Ok(batch::each_event(batch, |event| receive(&app, event)).await)
}

async fn receive(app: &App, event: EventBridgeEvent) -> Result<(), RecordError> {
    let event_id = event.id.clone();
    let push = event.ecr_push()?;
    let steps = Steps {
        store: &app.store,
        octopus: &Absent,
        reader: &Absent,
        bus: &app.bus,
        clock: &app.clock,
        settings: &app.settings,
    };
    let (account, repository) = (push.account.as_str(), push.repository.as_str());
    let mut metrics = Metrics::new(&app.env);
    match steps.receive(&push, &event_id).await? {
        PushOutcome::Requested(checks) => {
            metrics.count("PushesReceived", 1);
            tracing::info!(account, repository, tag = push.tag, checks, "push received");
        }
        PushOutcome::Ignored(reason) => {
            metrics.count("PushesIgnored", 1);
            tracing::info!(account, repository, %reason, "push ignored");
        }
    }
    metrics.emit();
    Ok(())
}
