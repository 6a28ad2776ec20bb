//! One dead-letter queue in SQS: receives messages, then returns, redrives or deletes them.

use std::collections::HashSet;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use engine::with_causes;
use operator::ports::{DeadLetterReport, Which};

use super::dead_letter_message::FAILURE_ATTRIBUTES;
use crate::BoxError;

/// Longer than it takes to receive and process [`MAX_MESSAGES`]. A message that is not returned explicitly
/// becomes visible again after this time.
const VISIBILITY_TIMEOUT_SECONDS: i32 = 120;

/// The most messages that one call processes.
const MAX_MESSAGES: usize = 1_000;

/// SQS's limit for `ReceiveMessage`.
const MESSAGES_PER_RECEIVE: usize = 10;

/// Long polling. Any wait makes SQS query all of its servers; short polling may miss messages.
const WAIT_SECONDS: i32 = 1;

pub(super) struct DeadLetterQueue<'a> {
    pub(super) client: &'a Client,
    pub(super) url: &'a str,
}

/// An action on a message.
#[derive(Clone, Copy)]
pub(super) enum Disposition<'a> {
    /// Send it to the queue with this URL, then delete it.
    Redrive(&'a str),
    Delete,
}

impl DeadLetterQueue<'_> {
    /// Receives up to `limit` messages and stops early once all messages in `which` were received.
    pub(super) async fn receive(
        &self,
        limit: usize,
        which: &Which,
    ) -> Result<Vec<Message>, BoxError> {
        let limit = limit.min(MAX_MESSAGES);
        let (mut received, mut seen) = (Vec::new(), HashSet::new());
        let is_complete = |seen: &HashSet<String>| match which {
            Which::All => false,
            Which::These(ids) => ids.iter().all(|id| seen.contains(id)),
        };
        while received.len() < limit && !is_complete(&seen) {
            let batch = MESSAGES_PER_RECEIVE.min(limit - received.len());
            let messages = self.receive_batch(batch).await?;
            if messages.is_empty() {
                break;
            }
            // SQS delivers at least once, even within the visibility timeout.
            received.extend(messages.into_iter().filter(|one| seen.insert(id(one))));
        }
        Ok(received)
    }

    async fn receive_batch(&self, limit: usize) -> Result<Vec<Message>, BoxError> {
        let request = self
            .client
            .receive_message()
            .queue_url(self.url)
            .max_number_of_messages(i32::try_from(limit)?)
            .visibility_timeout(VISIBILITY_TIMEOUT_SECONDS)
            .wait_time_seconds(WAIT_SECONDS)
            .message_system_attribute_names(MessageSystemAttributeName::SentTimestamp)
            .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount)
            .set_message_attribute_names(Some(FAILURE_ATTRIBUTES.map(str::to_owned).to_vec()));
        Ok(request.send().await?.messages.unwrap_or_default())
    }

    /// Makes received messages visible again. A failure is ignored: the visibility timeout does the same later.
    pub(super) async fn make_visible(&self, messages: impl IntoIterator<Item = Message>) {
        for message in messages {
            let request = self.client.change_message_visibility().queue_url(self.url);
            let request = request.set_receipt_handle(message.receipt_handle);
            let _ = request.visibility_timeout(0).send().await;
        }
    }

    /// Redrives or deletes the messages in `which`. All are received before the first is redriven, so a message
    /// that fails again meanwhile is not processed twice.
    pub(super) async fn process(
        &self,
        which: &Which,
        disposition: Disposition<'_>,
    ) -> Result<DeadLetterReport, BoxError> {
        let received = self.receive(MAX_MESSAGES, which).await?;
        let is_selected = |message: &Message| match which {
            Which::All => true,
            Which::These(ids) => ids.contains(&id(message)),
        };
        let (selected, others): (Vec<_>, Vec<_>) = received.into_iter().partition(is_selected);
        self.make_visible(others).await;
        let mut report = DeadLetterReport::default();
        for message in selected {
            match self.dispose(disposition, &message).await {
                Ok(()) => report.done.push(id(&message)),
                Err(error) => {
                    let reason = with_causes(error.as_ref());
                    report.left.push((id(&message), reason));
                    self.make_visible([message]).await;
                }
            }
        }
        report.absent = absent(which, &report);
        Ok(report)
    }

    /// Sends before deleting: an interruption in between leaves the message in both queues, never in none.
    async fn dispose(
        &self,
        disposition: Disposition<'_>,
        message: &Message,
    ) -> Result<(), BoxError> {
        if let Disposition::Redrive(queue) = disposition {
            let send = self.client.send_message().queue_url(queue);
            send.set_message_body(message.body.clone()).send().await?;
        }
        let delete = self.client.delete_message().queue_url(self.url);
        let handle = message.receipt_handle.clone();
        delete.set_receipt_handle(handle).send().await?;
        Ok(())
    }
}

fn id(message: &Message) -> String {
    message.message_id.clone().unwrap_or_default()
}

/// The selected ids that the queue does not contain.
fn absent(which: &Which, report: &DeadLetterReport) -> Vec<String> {
    let Which::These(ids) = which else {
        return Vec::new();
    };
    let left = report.left.iter().map(|(id, _)| id);
    let known: HashSet<_> = report.done.iter().chain(left).collect();
    ids.iter()
        .filter(|id| !known.contains(id))
        .cloned()
        .collect()
}
