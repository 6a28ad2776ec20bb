//! SQS batches: each record has its own outcome, and only what failed comes back.

use std::future::Future;

use engine::messages::Message;
use engine::with_causes;
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use tracing::Instrument;

use crate::env::Env;
use crate::metrics::Metrics;
pub use wire::EventBridgeEvent;

/// A batch as Lambda hands it over.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Batch {
    records: Vec<QueueRecord>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct QueueRecord {
    message_id: String,
    body: String,
    #[serde(default)]
    attributes: Attributes,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attributes {
    #[serde(default)]
    approximate_receive_count: String,
}

/// Which records Lambda shall deliver again. Empty: none.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchResponse {
    batch_item_failures: Vec<FailedItem>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct FailedItem {
    item_identifier: String,
}

/// A record that failed.
pub type RecordError = Box<dyn std::error::Error + Send + Sync>;

/// Hands each record's event to `handle`, at most `at_once` of them side by side. A record that cannot be
/// read or handled is logged with its reason and left to the queue: it is delivered again and ends in
/// the dead-letter queue. It does not stop the others.
pub async fn each_event<F, Fut>(batch: Batch, at_once: usize, handle: F) -> BatchResponse
where
    F: Fn(EventBridgeEvent) -> Fut,
    Fut: Future<Output = Result<(), RecordError>>,
{
    let failures = stream::iter(batch.records)
        .map(|record| outcome(record, &handle))
        .buffer_unordered(at_once.max(1))
        .filter_map(std::future::ready)
        .map(|item_identifier| FailedItem { item_identifier })
        .collect()
        .await;
    let response = BatchResponse {
        batch_item_failures: failures,
    };
    response.count_failures();
    response
}

impl BatchResponse {
    /// Emits the metric of failed records, which Lambda's own metric `Errors` does not contain.
    fn count_failures(&self) {
        if !self.batch_item_failures.is_empty() {
            let mut metrics = Metrics::new(&Env::of_process());
            metrics.count("RecordsFailed", self.batch_item_failures.len());
            metrics.emit();
        }
    }
}

/// Handles one record; gives its id if it failed.
async fn outcome<F, Fut>(record: QueueRecord, handle: &F) -> Option<String>
where
    F: Fn(EventBridgeEvent) -> Fut,
    Fut: Future<Output = Result<(), RecordError>>,
{
    let span = tracing::info_span!("record", message_id = %record.message_id);
    let handled = async {
        match EventBridgeEvent::parse(&record.body) {
            Ok(event) => handle(event).await,
            Err(error) => Err(error.into()),
        }
    };
    let error = handled.instrument(span.clone()).await.err()?;
    span.in_scope(|| {
        tracing::error!(
            exception = with_causes(error.as_ref()),
            receive_count = record.attributes.approximate_receive_count,
            "record failed and is left to the queue"
        );
    });
    Some(record.message_id)
}

/// Like [`each_event`] for the messages of this program, each in a span with its correlation id.
pub async fn each_message<F, Fut>(batch: Batch, at_once: usize, handle: F) -> BatchResponse
where
    F: Fn(Message) -> Fut,
    Fut: Future<Output = Result<(), RecordError>>,
{
    each_event(batch, at_once, async |event: EventBridgeEvent| {
        let message = event.message()?;
        let span = tracing::info_span!(
            "message",
            correlation_id = %message.correlation_id,
            event_id = %message.id,
            detail_type = message.event.detail_type(),
        );
        handle(message).instrument(span).await
    })
    .await
}
