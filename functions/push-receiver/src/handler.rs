//! Handles a batch of pushes and finished scans. Each event requests checks of the packages that it concerns, or is
//! ignored.
//!
//! An announced push that its registry does not list yet returns to the queue with a delay, so that the function does not
//! wait, as does a scan that was read just before.

use std::rc::Rc;

use aws::{DelayedQueue, DynamoTable, EventBus};
use domain::push::{EcrRepository, PushEvent};
use engine::receive::{Confirmation, PushOutcome};
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
    /// The queue of pushes, for those that are to be handled again.
    pub(crate) queue: DelayedQueue,
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
    let mut again = event.clone();
    let push = event.push()?;
    let steps = Steps {
        store: &app.store,
        octopus: &Absent,
        reader: &Absent,
        bus: &app.bus,
        clock: &app.clock,
        settings: &app.settings,
    };
    let received = steps.receive(&push, &again.id, again.earlier_checks);
    let confirmation = Box::pin(received).await?;
    if let Confirmation::Handled {
        again_after: Some(pause),
        ..
    } = &confirmation
    {
        again.earlier_checks += 1;
        app.queue.send(again.body()?, *pause).await?;
    }
    report(app, &push, &confirmation);
    Ok(())
}

fn report(app: &App, push: &PushEvent, confirmation: &Confirmation) {
    let (sender, repository, tag) = match push {
        PushEvent::Scan(scanned) => return report_scan(scanned, confirmation),
        PushEvent::Ecr(push) => (&*push.account, Some(&*push.repository), &push.tag),
        PushEvent::Package(push) => {
            let pushed = &push.push;
            (&*push.sender, pushed.repository.as_deref(), &pushed.tag)
        }
    };
    let tag = tag.as_deref();
    let mut metrics = Metrics::new(&app.env);
    match confirmation {
        Confirmation::Handled {
            outcome: PushOutcome::Requested(checks),
            ..
        } => {
            metrics.count("PushesReceived", 1);
            tracing::info!(sender, repository, tag, checks, "push received");
        }
        Confirmation::Handled {
            outcome: PushOutcome::Ignored(reason),
            ..
        } => {
            metrics.count("PushesIgnored", 1);
            tracing::info!(sender, repository, tag, %reason, "push ignored");
        }
        Confirmation::Listed => tracing::debug!(sender, repository, tag, "push listed"),
        Confirmation::Unlisted => {
            metrics.count("HintsUnconfirmed", 1);
            tracing::info!(
                sender,
                repository,
                tag,
                "the registry does not list the push; the schedule continues to check"
            );
        }
    }
    metrics.emit();
}

fn report_scan(scanned: &EcrRepository, confirmation: &Confirmation) {
    let (sender, repository) = (&*scanned.account, &*scanned.name);
    let Confirmation::Handled { outcome, .. } = confirmation else {
        return;
    };
    match outcome {
        PushOutcome::Requested(checks) => {
            tracing::info!(sender, repository, checks, "scan received");
        }
        // ECR and Inspector report the scans of all images of the account.
        PushOutcome::Ignored(reason) => {
            tracing::debug!(sender, repository, %reason, "scan ignored");
        }
    }
}
