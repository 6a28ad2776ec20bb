//! The engine's bus on EventBridge.
//!
//! `PutEvents` takes some entries and leaves others: each answer is checked entry by entry, and only
//! what was left is sent again, a few times.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use engine::messages::Message;
use engine::ports::{Bus, BusError};
use wire::Outgoing;

use crate::{AwsContext, Cause, OnFirstUse};

/// The most entries in a request.
const ENTRIES: usize = 10;

/// The most bytes in a request: 256 KB, the smallest limit that EventBridge has had.
const BYTES: usize = 256 * 1024;

/// What EventBridge counts for an entry besides its texts: the time.
const ENTRY_BYTES: usize = 14;

/// How often a message is sent in all. What fails longer goes back to the queue it came from.
const ATTEMPTS: u32 = 5;

/// The pause before the second attempt; it doubles with each further one, to 1.5 s in all.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// A bus of EventBridge.
#[derive(Clone, Debug)]
pub struct EventBus {
    client: Arc<OnFirstUse<Client>>,
    name: String,
}

/// What became of a publication so far.
#[derive(Default)]
struct Progress {
    left: Vec<Outgoing>,
    refused: usize,
    reason: String,
    source: Option<Cause>,
}

impl Progress {
    fn keep_refused(&mut self, batch: Vec<Outgoing>, reasons: Vec<Option<String>>) {
        for (message, reason) in batch.into_iter().zip(reasons) {
            if let Some(reason) = reason {
                self.reason = reason;
                self.left.push(message);
            }
        }
    }
}

impl EventBus {
    /// The bus of this name. Nothing is asked of it yet.
    pub fn new(context: &AwsContext, name: impl Into<String>) -> Self {
        Self {
            client: context.client(Client::new),
            name: name.into(),
        }
    }

    /// Sends all that is left once, and keeps what was not accepted. After a request without an answer no
    /// further one is made.
    async fn send_once(&self, progress: &mut Progress) {
        let mut batches = batches(std::mem::take(&mut progress.left)).into_iter();
        while let Some(batch) = batches.next() {
            match self.put(&batch).await {
                Ok(reasons) => progress.keep_refused(batch, reasons),
                Err(source) => {
                    progress.reason = format!("the bus {} did not answer", self.name);
                    progress.source = Some(source);
                    progress.left.extend(batch);
                    progress.left.extend(batches.by_ref().flatten());
                }
            }
        }
    }

    /// For each message why it was not accepted, or nothing if it was.
    async fn put(&self, batch: &[Outgoing]) -> Result<Vec<Option<String>>, Cause> {
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
                None => Some("the answer has no entry for it".to_owned()),
                Some(result) => result.error_code().map(|code| {
                    format!("{code}: {}", result.error_message().unwrap_or("no message"))
                }),
            })
            .collect())
    }
}

impl Bus for EventBus {
    async fn publish(&self, messages: &[Message]) -> Result<(), BusError> {
        let mut progress = Progress::default();
        for message in messages {
            match wire::encode(message) {
                Ok(outgoing) => progress.left.push(outgoing),
                Err(error) => {
                    progress.refused += 1;
                    progress.reason = "a message cannot be written".to_owned();
                    progress.source = Some(error.into());
                }
            }
        }
        for attempt in 0..ATTEMPTS {
            if progress.left.is_empty() {
                break;
            }
            if attempt > 0 {
                tokio::time::sleep(FIRST_PAUSE * (1 << (attempt - 1))).await;
            }
            self.send_once(&mut progress).await;
            // The SDK has tried again already where that helps.
            if progress.source.is_some() {
                break;
            }
        }
        match progress.left.len() + progress.refused {
            0 => Ok(()),
            failed => Err(BusError {
                failed,
                total: messages.len(),
                reason: progress.reason,
                source: progress.source,
            }),
        }
    }
}

/// The messages in order, in as few requests as the limits permit.
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

/// As EventBridge counts.
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
    fn requests_keep_to_both_limits() {
        assert_eq!(lengths(messages(25, 100)), [10, 10, 5]);
        assert_eq!(lengths(messages(10, wire::MAX_DETAIL_BYTES)), [4, 4, 2]);
        assert_eq!(lengths(messages(0, 0)), [0; 0]);
    }
}
