//! Handles a batch of check requests. Each message is one check of one feed.

use std::rc::Rc;

use aws::{DynamoTable, EventBus};
use engine::check::CheckReport;
use engine::messages::{Event, FeedCheck, Message};
use engine::ports::Clock;
use engine::steps::{Absent, Handled, Settings, Steps};
use engine::with_causes;
use host::SystemClock;
use lambda_kit::batch::{self, Batch, BatchResponse, RecordError};
use lambda_kit::env::Env;
use lambda_kit::invoke::{Failure, Invocation};
use lambda_kit::metrics::Metrics;
use lambda_kit::wiring::StackReader;
use store::Store;

pub(crate) struct App {
    pub(crate) store: Store<DynamoTable>,
    pub(crate) reader: StackReader,
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
    Ok(batch::each_message(batch, &invocation, |message| check(&app, message)).await)
}

async fn check(app: &App, message: Message) -> Result<(), RecordError> {
    let started = app.clock.now();
    let steps = Steps {
        store: &app.store,
        octopus: &Absent,
        reader: &app.reader,
        bus: &app.bus,
        clock: &app.clock,
        settings: &app.settings,
    };
    let handled = steps.handle(&message).await?;
    let (Event::FeedCheckRequested(request), Handled::Checked(report)) = (message.event, handled)
    else {
        return Ok(());
    };
    let mut metrics = Metrics::new(&app.env);
    if report.is_superseded {
        tracing::warn!(
            feed = request.feed.name.as_str(),
            age_ms = started.since(message.time).as_millis(),
            "check waited so long that the schedule has requested a newer one; skipped"
        );
        metrics.count("ChecksSuperseded", 1);
        metrics.emit();
        return Ok(());
    }
    log(&request, &report);
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

/// Logs an unchanged feed at debug level, a change at info level, and a package that could not be read as a
/// warning with its remedy.
fn log(request: &FeedCheck, report: &CheckReport) {
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
            "listing lost most of its versions; keeping the old snapshot until a second check confirms it"
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
            "feed is throttled; no request sent"
        );
    }
    tracing::debug!(
        feed,
        unchanged = report.unchanged,
        cause = %request.cause,
        "feed checked"
    );
}
