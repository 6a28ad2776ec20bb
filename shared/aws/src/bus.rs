//! The engine's bus on EventBridge.
//!
//! `PutEvents` can accept some entries and reject others, so each response is checked entry by entry and only
//! the rejected entries are sent again.

use std::cell::Cell;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use domain::push::PackagePush;
use engine::messages::Message;
use engine::ports::{Bus, BusError};
use futures_util::{StreamExt, stream};
use wire::{Outgoing, WireError};

use crate::{AwsContext, BoxError, OnFirstUse};

/// EventBridge's limit for a request.
const ENTRIES: usize = 10;

/// The most bytes in a request: 256 KB, the smallest limit that EventBridge has had.
const BYTES: usize = 256 * 1024;

/// Requests in parallel. 10,000 messages take 1,000 requests: a few seconds at 30 ms each.
const PARALLEL: usize = 8;

/// The bytes that EventBridge counts for an entry's time.
const ENTRY_BYTES: usize = 14;

/// After the last attempt the step fails and its message returns to the queue.
const ATTEMPTS: u32 = 5;

/// The delay before the second attempt. It doubles with each attempt, 1.5 s in total.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// An EventBridge event bus.
#[derive(Clone, Debug)]
pub struct EventBus {
    client: Arc<OnFirstUse<Client>>,
    name: String,
}

/// The state of a publication between attempts.
#[derive(Default)]
struct Progress {
    remaining: Vec<Outgoing>,
    unencodable: usize,
    reason: String,
    source: Option<BoxError>,
}

impl Progress {
    fn keep_rejected(&mut self, batch: Vec<Outgoing>, reasons: Vec<Option<String>>) {
        for (message, reason) in batch.into_iter().zip(reasons) {
            if let Some(reason) = reason {
                self.reason = reason;
                self.remaining.push(message);
            }
        }
    }
}

impl EventBus {
    /// Makes no request.
    pub fn new(context: &AwsContext, name: impl Into<String>) -> Self {
        Self {
            client: context.client(Client::new),
            name: name.into(),
        }
    }

    /// Announces pushes as the event `PackagePushed`.
    ///
    /// # Errors
    /// As for [`Bus::publish`].
    pub async fn announce(&self, pushes: &[PackagePush]) -> Result<(), BusError> {
        self.send(pushes.iter().map(wire::encode_push).collect())
            .await
    }

    async fn send(&self, encoded: Vec<Result<Outgoing, WireError>>) -> Result<(), BusError> {
        let total = encoded.len();
        let mut progress = Progress::default();
        for one in encoded {
            match one {
                Ok(outgoing) => progress.remaining.push(outgoing),
                Err(error) => {
                    progress.unencodable += 1;
                    progress.reason = "cannot encode a message".to_owned();
                    progress.source = Some(error.into());
                }
            }
        }
        for attempt in 0..ATTEMPTS {
            if progress.remaining.is_empty() {
                break;
            }
            if attempt > 0 {
                tokio::time::sleep(FIRST_PAUSE * (1 << (attempt - 1))).await;
            }
            self.send_once(&mut progress).await;
            // The SDK has already retried the request.
            if progress.source.is_some() {
                break;
            }
        }
        match progress.remaining.len() + progress.unencodable {
            0 => Ok(()),
            failed => Err(BusError {
                failed,
                unencodable: progress.unencodable,
                total,
                reason: progress.reason,
                source: progress.source,
            }),
        }
    }

    /// Sends the remaining messages once, in parallel requests, and keeps those that were not accepted. Sends no more
    /// after a request that fails as a whole.
    async fn send_once(&self, progress: &mut Progress) {
        let batches = batches(std::mem::take(&mut progress.remaining));
        let has_failed = Cell::new(false);
        let has_failed = &has_failed;
        let requests = stream::iter(batches).map(async |batch| {
            if has_failed.get() {
                return (batch, None);
            }
            let answer = self.put(&batch).await;
            has_failed.set(has_failed.get() || answer.is_err());
            (batch, Some(answer))
        });
        let mut answers = pin!(requests.buffered(PARALLEL));
        while let Some((batch, answer)) = answers.next().await {
            match answer {
                Some(Ok(reasons)) => progress.keep_rejected(batch, reasons),
                Some(Err(source)) => {
                    progress.reason = format!("the bus {} did not answer", self.name);
                    progress.source = Some(source);
                    progress.remaining.extend(batch);
                }
                None => progress.remaining.extend(batch),
            }
        }
    }

    /// For each message the reason why it was rejected, or `None` if it was accepted.
    async fn put(&self, batch: &[Outgoing]) -> Result<Vec<Option<String>>, BoxError> {
        let entries = batch.iter().map(|message| {
            PutEventsRequestEntry::builder()
                .event_bus_name(&self.name)
                .source(message.source)
                .detail_type(message.detail_type)
                .detail(&message.detail)
                .build()
        });
        let answer = self
            .client
            .put_events()
            .set_entries(Some(entries.collect()))
            .send()
            .await?;
        let mut results = answer.entries().iter();
        Ok(batch
            .iter()
            .map(|_| match results.next() {
                None => Some("the response has no entry for it".to_owned()),
                Some(result) => result.error_code().map(|code| {
                    format!("{code}: {}", result.error_message().unwrap_or("no message"))
                }),
            })
            .collect())
    }
}

impl Bus for EventBus {
    async fn publish(&self, messages: &[Message]) -> Result<(), BusError> {
        self.send(messages.iter().map(wire::encode).collect()).await
    }
}

/// Splits the messages, in order, into as few requests as the limits permit.
fn batches(messages: Vec<Outgoing>) -> Vec<Vec<Outgoing>> {
    let mut batches: Vec<Vec<Outgoing>> = Vec::new();
    let mut bytes = 0;
    for message in messages {
        let size = size(&message);
        match batches.last_mut() {
            Some(batch) if batch.len() < ENTRIES && bytes + size <= BYTES => {
                bytes += size;
                batch.push(message);
            }
            _ => {
                bytes = size;
                batches.push(vec![message]);
            }
        }
    }
    batches
}

/// The size of an entry as EventBridge counts it.
fn size(message: &Outgoing) -> usize {
    ENTRY_BYTES + message.source.len() + message.detail_type.len() + message.detail.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(count: usize, bytes: usize) -> Vec<Outgoing> {
        let message = Outgoing {
            source: wire::SOURCE,
            detail_type: "FeedCheckRequested",
            detail: "x".repeat(bytes),
        };
        vec![message; count]
    }

    fn lengths(messages: Vec<Outgoing>) -> Vec<usize> {
        batches(messages).iter().map(Vec::len).collect()
    }

    #[test]
    fn batches_respect_entry_and_byte_limits() {
        assert_eq!(lengths(messages(25, 100)), [10, 10, 5]);
        assert_eq!(lengths(messages(10, wire::MAX_DETAIL_BYTES)), [4, 4, 2]);
        assert_eq!(lengths(messages(0, 0)), [0; 0]);
    }
}
