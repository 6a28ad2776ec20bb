//! One batch of ECR events: each asks for checks of the packages that it concerns, or is ignored.

use std::rc::Rc;

use aws::{DynamoTable, EventBus};
use engine::receive::Receive;
use host::SystemClock;
use lambda_kit::batch::{self, Batch, BatchResponse, EventBridgeEvent, RecordError};
use lambda_kit::env::Env;
use lambda_kit::invoke::Failure;
use lambda_kit::metrics::Metrics;
use store::Store;

/// How many events are handled side by side: a whole batch.
const AT_ONCE: usize = 10;

pub(crate) struct App {
    pub(crate) store: Store<DynamoTable>,
    pub(crate) bus: EventBus,
    pub(crate) clock: SystemClock,
    pub(crate) account: String,
    pub(crate) env: Env,
}

pub(crate) async fn handle(app: Rc<App>, batch: Batch) -> Result<BatchResponse, Failure> {
    Ok(batch::each_event(batch, AT_ONCE, |event| receive(&app, event)).await)
}

async fn receive(app: &App, event: EventBridgeEvent) -> Result<(), RecordError> {
    let event_id = event.id.clone();
    let push = event.ecr_push()?;
    let step = Receive {
        store: &app.store,
        bus: &app.bus,
        clock: &app.clock,
        own_account: &app.account,
    };
    let (account, repository) = (push.account.as_str(), push.repository.as_str());
    let mut metrics = Metrics::new(&app.env);
    match step.run(&push, &event_id).await? {
        Ok(checks) => {
            metrics.count("PushesReceived", 1);
            tracing::info!(account, repository, tag = push.tag, checks, "push received");
        }
        Err(ignored) => {
            metrics.count("PushesIgnored", 1);
            tracing::info!(account, repository, reason = %ignored, "push ignored");
        }
    }
    metrics.emit();
    Ok(())
}
