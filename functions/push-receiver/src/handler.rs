//! Handles a batch of push events. Each event requests checks of the packages that it concerns, or is
//! ignored.

use std::rc::Rc;

use aws::{DynamoTable, EventBus};
use domain::push::PushEvent;
use engine::receive::PushOutcome;
use engine::steps::{Absent, Settings, Steps};
use host::SystemClock;
use lambda_kit::batch::{self, Batch, BatchResponse, EventBridgeEvent, RecordError};
use lambda_kit::env::Env;
use lambda_kit::invoke::{Failure, Invocation};
use lambda_kit::metrics::Metrics;
use store::Store;

pub(crate) struct App {
    pub(crate) store: Store<DynamoTable>,
    pub(crate) bus: EventBus,
    pub(crate) clock: SystemClock,
    pub(crate) settings: Settings,
    pub(crate) env: Env,
}

pub(crate) async fn handle(
    app: Rc<App>,
    batch: Batch,
    invocation: Invocation,
) -> Result<BatchResponse, Failure> {
    Ok(batch::each_event(batch, &invocation, |event| receive(&app, event)).await)
}

async fn receive(app: &App, event: EventBridgeEvent) -> Result<(), RecordError> {
    let event_id = event.id.clone();
    let push = event.push()?;
    let steps = Steps {
        store: &app.store,
        octopus: &Absent,
        reader: &Absent,
        bus: &app.bus,
        clock: &app.clock,
        settings: &app.settings,
    };
    let outcome = match &push {
        PushEvent::Ecr(push) => steps.receive(push, &event_id).await?,
        PushEvent::Package(push) => steps.receive_package(push).await?,
    };
    let (sender, repository, tag) = match &push {
        PushEvent::Ecr(push) => (&*push.account, Some(&*push.repository), &push.tag),
        PushEvent::Package(push) => {
            let pushed = &push.push;
            (&*push.sender, pushed.repository.as_deref(), &pushed.tag)
        }
    };
    let tag = tag.as_deref();
    let mut metrics = Metrics::new(&app.env);
    match outcome {
        PushOutcome::Requested(checks) => {
            metrics.count("PushesReceived", 1);
            tracing::info!(sender, repository, tag, checks, "push received");
        }
        PushOutcome::Ignored(reason) => {
            metrics.count("PushesIgnored", 1);
            tracing::info!(sender, repository, tag, %reason, "push ignored");
        }
    }
    metrics.emit();
    Ok(())
}
