//! One batch of requests: each is one check of one feed.

use std::rc::Rc;

use aws::{DynamoTable, EventBus};
use engine::check::{Check, CheckReport};
use engine::messages::{Event, FeedCheck, Message};
use engine::ports::Clock;
use engine::with_causes;
use host::SystemClock;
use lambda_kit::batch::{self, Batch, BatchResponse, RecordError};
use lambda_kit::env::Env;
use lambda_kit::invoke::Failure;
use lambda_kit::metrics::Metrics;
use lambda_kit::wiring::StackReader;
use store::Store;

/// How many feeds are checked side by side: a whole batch.
const AT_ONCE: usize = 10;

pub(crate) struct App {
    pub(crate) store: Store<DynamoTable>,
    pub(crate) reader: StackReader,
    pub(crate) bus: EventBus,
    pub(crate) clock: SystemClock,
    pub(crate) env: Env,
}

pub(crate) async fn handle(app: Rc<App>, batch: Batch) -> Result<BatchResponse, Failure> {
    Ok(batch::each_message(batch, AT_ONCE, |message| check(&app, message)).await)
}

async fn check(app: &App, message: Message) -> Result<(), RecordError> {
    let origin = message.origin();
    let Event::FeedCheckRequested(request) = message.event else {
        return Err(format!("a {} is not for this function", message.event.detail_type()).into());
    };
    let started = app.clock.now();
    let check = Check {
        store: &app.store,
        reader: &app.reader,
        bus: &app.bus,
        clock: &app.clock,
    };
    let report = check.run(&request, &origin).await?;
    tell(&request, &report);
    let mut metrics = Metrics::new(&app.env);
    metrics.count("FeedsChecked", 1);
    metrics.count("VersionsSeen", report.versions);
    metrics.count("ChangesDetected", report.changed.len());
    metrics.count("FeedCheckFailed", report.failed.len());
    metrics.count("PendingEventsPublished", report.pending_events_published);
    metrics.count("ListingsSuspected", report.suspected.len());
    metrics.millis(
        "FeedCheckDuration",
        app.clock.now().since(started).as_millis(),
    );
    metrics.emit();
    Ok(())
}

/// Nothing changed: debug. Something changed: info. Something could not be read: a warning with its
/// remedy; it is tried again.
fn tell(request: &FeedCheck, report: &CheckReport) {
    let feed = request.feed.name.as_str();
    for (key, error) in &report.failed {
        let (package, kind) = (key.package.as_str(), error.kind.name());
        tracing::warn!(
            feed,
            package,
            kind,
            exception = with_causes(error),
            "package not read"
        );
    }
    for key in &report.suspected {
        let package = key.package.as_str();
        tracing::warn!(
            feed,
            package,
            "most versions are gone; it is believed if the next reading shows the same"
        );
    }
    for change in &report.changed {
        let package = change.package.package.as_str();
        let (added, removed) = (change.counts.added, change.counts.removed);
        tracing::info!(
            feed,
            package,
            added,
            removed,
            generation = change.generation,
            "package changed"
        );
    }
    if let Some(until) = report.throttled_until {
        tracing::warn!(
            feed,
            until = until.as_millis(),
            "the feed wants a pause; nothing was asked"
        );
    }
    tracing::debug!(
        feed,
        unchanged = report.unchanged,
        cause = request.cause,
        "feed checked"
    );
}
