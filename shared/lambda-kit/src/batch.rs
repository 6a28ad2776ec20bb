//! SQS batches. Each record has its own outcome, and the queue redelivers only those that failed. Records that are not
//! finished shortly before the end of the invocation are returned to the queue, so that Lambda does not end the invocation
//! with all of its records.

use std::future::Future;
use std::time::Duration;

use engine::messages::{Event, Message};
use engine::steps::{at_once, in_batch_order};
use engine::with_causes;
use serde::{Deserialize, Serialize};
use tracing::{Instrument, Span};

use crate::env::Env;
use crate::invoke::Invocation;
use crate::metrics::Metrics;
pub use wire::EventBridgeEvent;

/// A batch as Lambda passes it to a function.
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

/// The records that failed and are to be delivered again. Empty if all succeeded.
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

/// The reason why a record failed.
pub type RecordError = Box<dyn std::error::Error + Send + Sync>;

/// Passes each record's event to `handle`, several at the same time. A record that cannot be read or handled
/// is logged with its reason and becomes a batch item failure: the queue delivers it again, and in the end
/// moves it to the dead-letter queue. The other records are not affected.
pub async fn each_event<F, Fut>(batch: Batch, invocation: &Invocation, handle: F) -> BatchResponse
where
    F: Fn(EventBridgeEvent) -> Fut,
    Fut: Future<Output = Result<(), RecordError>>,
{
    let (records, mut response) = batch.parsed(Ok);
    let outcomes = at_once(records, async |record: Record<EventBridgeEvent>| {
        let handled = Box::pin(handle(record.content)).instrument(record.context.span.clone());
        let handled = in_time(invocation, handled);
        record.context.failure(&handled.await.err()?)
    });
    response.add(outcomes.await);
    response.count_failures();
    response
}

/// Passes each record's message to `handle`, in the order of [`in_batch_order`], each in a span with its
/// correlation id. Records fail as in [`each_event`].
pub async fn each_message<F, Fut>(batch: Batch, invocation: &Invocation, handle: F) -> BatchResponse
where
    F: Fn(Message) -> Fut,
    Fut: Future<Output = Result<(), RecordError>>,
{
    let (records, mut response) = batch.parsed(|event| Ok(event.message()?));
    let outcomes = in_batch_order(records, Record::event, async |record| {
        let Record {
            context,
            content: message,
        } = record;
        let span = tracing::info_span!(
            parent: &context.span,
            "message",
            correlation_id = %message.correlation_id,
            event_id = %message.id,
            detail_type = message.event.detail_type(),
        );
        // On the heap, because nested futures are limited in depth.
        let handled = Box::pin(handle(message)).instrument(span);
        let handled = in_time(invocation, handled);
        context.failure(&handled.await.err()?)
    });
    response.add(outcomes.await);
    response.count_failures();
    response
}

/// The time before the end of an invocation at which its unfinished records are returned to the queue: enough to send the
/// response.
const MARGIN: Duration = Duration::from_secs(3);

/// The invocation ends before the record is finished.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot finish the record: the time of the invocation ends; it continues in another invocation"
)]
struct OutOfTime;

/// Handles a record until shortly before the end of the invocation. It does not begin after that.
async fn in_time<F>(invocation: &Invocation, handled: F) -> Result<(), RecordError>
where
    F: Future<Output = Result<(), RecordError>>,
{
    tokio::select! {
        biased;
        () = invocation.nearly_over(MARGIN) => Err(OutOfTime.into()),
        handled = handled => handled,
    }
}

/// A record whose body was read.
struct Record<T> {
    context: Context,
    content: T,
}

impl Record<Message> {
    fn event(&self) -> &Event {
        &self.content.event
    }
}

/// The parts of a record that its failure is reported with.
struct Context {
    span: Span,
    message_id: String,
    receive_count: String,
}

impl Batch {
    /// Reads the bodies. Records that cannot be read are failures already.
    fn parsed<T>(
        self,
        read: impl Fn(EventBridgeEvent) -> Result<T, RecordError>,
    ) -> (Vec<Record<T>>, BatchResponse) {
        let mut response = BatchResponse::default();
        let mut records = Vec::with_capacity(self.records.len());
        for record in self.records {
            let context = Context {
                span: tracing::info_span!("record", message_id = %record.message_id),
                message_id: record.message_id,
                receive_count: record.attributes.approximate_receive_count,
            };
            let event = EventBridgeEvent::parse(&record.body).map_err(RecordError::from);
            match event.and_then(&read) {
                Ok(content) => records.push(Record { context, content }),
                Err(error) => response.add(vec![context.failure(&error)]),
            }
        }
        (records, response)
    }
}

impl Context {
    /// Logs the failure, and returns the record as a batch item failure.
    fn failure(self, error: &RecordError) -> Option<FailedItem> {
        self.span.in_scope(|| {
            tracing::error!(
                exception = with_causes(error.as_ref()),
                receive_count = self.receive_count,
                "record failed; it will be redelivered"
            );
        });
        Some(FailedItem {
            item_identifier: self.message_id,
        })
    }
}

impl BatchResponse {
    fn add(&mut self, failures: Vec<Option<FailedItem>>) {
        self.batch_item_failures
            .extend(failures.into_iter().flatten());
    }

    /// Emits the metric of failed records, which Lambda's own metric `Errors` does not contain.
    fn count_failures(&self) {
        if !self.batch_item_failures.is_empty() {
            let mut metrics = Metrics::new(&Env::of_process());
            metrics.count("RecordsFailed", self.batch_item_failures.len());
            metrics.emit();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::pending;

    use serde_json::json;
    use tokio::time::Instant;

    use super::*;

    /// A batch of evaluation requests.
    fn batch(records: usize) -> Batch {
        let detail = include_str!("../../wire/fixtures/TriggerEvaluationRequested.json");
        let detail: serde_json::Value = serde_json::from_str(detail).expect("JSON");
        let body = json!({
            "id": "event",
            "source": "octopus.feed-triggers",
            "detail-type": "TriggerEvaluationRequested",
            "detail": detail,
        });
        let record =
            |number| json!({"messageId": format!("record-{number}"), "body": body.to_string()});
        let records: Vec<_> = (1..=records).map(record).collect();
        serde_json::from_value(json!({"Records": records})).expect("a batch")
    }

    fn failed(response: &BatchResponse) -> Vec<&str> {
        let failures = response.batch_item_failures.iter();
        failures.map(|item| item.item_identifier.as_str()).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn records_that_do_not_finish_in_time_are_returned_to_the_queue() {
        let invocation = Invocation::ending_in("request".to_owned(), Duration::from_secs(300));
        let begun = Cell::new(0);
        let handle = async |_| {
            begun.set(begun.get() + 1);
            if begun.get() == 2 {
                pending::<()>().await;
            }
            Ok(())
        };
        let start = Instant::now();
        let response = each_message(batch(3), &invocation, handle).await;
        assert_eq!(failed(&response), ["record-2", "record-3"]);
        assert_eq!(begun.get(), 2, "no record begins after the time");
        assert!(start.elapsed() < Duration::from_secs(300));
        let response = each_event(batch(2), &invocation, async |_| Ok(())).await;
        assert_eq!(failed(&response), ["record-1", "record-2"]);
    }

    #[tokio::test(start_paused = true)]
    async fn records_that_finish_in_time_are_not_returned() {
        let invocation = Invocation::ending_in("request".to_owned(), Duration::from_secs(300));
        let handle = async |_| {
            tokio::time::sleep(Duration::from_secs(60)).await;
            Ok(())
        };
        let response = each_message(batch(4), &invocation, handle).await;
        assert_eq!(failed(&response), [""; 0]);
    }
}
