//! The stack's SQS queues and dead-letter queues.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName;
use futures_util::future::try_join_all;
use operator::ports::{
    DeadLetterMessage, DeadLetterQueues, DeadLetterReport, QueueError, QueueKind, QueueState,
    Queues, Which,
};

use super::dead_letter_message;
use super::dead_letter_queue::{DeadLetterQueue, Disposition};
use super::queue_urls::QueueUrls;
use crate::{AwsContext, BoxError, OnFirstUse};

/// The queues of one stack.
#[derive(Clone, Debug)]
pub struct StackQueues {
    client: Arc<OnFirstUse<Client>>,
    urls: BTreeMap<QueueKind, QueueUrls>,
}

impl StackQueues {
    /// Makes no request.
    pub fn new(context: &AwsContext, urls: BTreeMap<QueueKind, QueueUrls>) -> Self {
        Self {
            client: context.client(Client::new),
            urls,
        }
    }

    fn urls(&self, kind: QueueKind) -> Result<&QueueUrls, QueueError> {
        let urls = self.urls.get(&kind);
        urls.ok_or_else(|| failed("read", kind, "the stack has no such queue"))
    }

    fn dead_letter_queue(&self, kind: QueueKind) -> Result<DeadLetterQueue<'_>, QueueError> {
        Ok(DeadLetterQueue {
            client: &self.client,
            url: &self.urls(kind)?.dead_letters,
        })
    }

    async fn state(&self, kind: QueueKind, urls: &QueueUrls) -> Result<QueueState, BoxError> {
        let [waiting, in_flight, delayed] = match &urls.queue {
            Some(url) => self.counts(url).await?,
            None => [0; 3],
        };
        let dead_letters = self.counts(&urls.dead_letters).await?.iter().sum();
        Ok(QueueState {
            kind,
            waiting,
            in_flight,
            delayed,
            dead_letters,
        })
    }

    /// The numbers of waiting, in-flight and delayed messages.
    async fn counts(&self, url: &str) -> Result<[u64; 3], BoxError> {
        let names = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
            QueueAttributeName::ApproximateNumberOfMessagesDelayed,
        ];
        let request = self.client.get_queue_attributes().queue_url(url);
        let request = request.set_attribute_names(Some(names.to_vec()));
        let attributes = request.send().await?.attributes.unwrap_or_default();
        Ok(names.map(|name| {
            let text = attributes.get(&name);
            text.and_then(|text| text.parse().ok()).unwrap_or_default()
        }))
    }
}

impl Queues for StackQueues {
    async fn queues(&self) -> Result<Vec<QueueState>, QueueError> {
        let states = self.urls.iter().map(async |(kind, urls)| {
            let state = self.state(*kind, urls).await;
            state.map_err(|source| failed("count", *kind, source))
        });
        try_join_all(states).await
    }
}

impl DeadLetterQueues for StackQueues {
    async fn list(
        &self,
        kind: QueueKind,
        limit: usize,
    ) -> Result<Vec<DeadLetterMessage>, QueueError> {
        let queue = self.dead_letter_queue(kind)?;
        let received = queue.receive(limit, &Which::All).await;
        let received = received.map_err(|source| failed("read", kind, source))?;
        let mut messages: Vec<_> = received
            .iter()
            .map(|one| dead_letter_message::read(kind, one))
            .collect();
        messages.sort_by_key(|message| message.sent_at);
        queue.make_visible(received).await;
        Ok(messages)
    }

    async fn redrive(
        &self,
        kind: QueueKind,
        which: &Which,
    ) -> Result<DeadLetterReport, QueueError> {
        let Some(queue) = &self.urls(kind)?.queue else {
            let reason = "a failed scheduler run is not redriven: the next run repeats its work";
            return Err(failed("redrive to", kind, reason));
        };
        let report = self
            .dead_letter_queue(kind)?
            .process(which, Disposition::Redrive(queue))
            .await;
        report.map_err(|source| failed("read", kind, source))
    }

    async fn delete(&self, kind: QueueKind, which: &Which) -> Result<DeadLetterReport, QueueError> {
        let report = self
            .dead_letter_queue(kind)?
            .process(which, Disposition::Delete)
            .await;
        report.map_err(|source| failed("read", kind, source))
    }
}

fn failed(operation: &'static str, queue: QueueKind, source: impl Into<BoxError>) -> QueueError {
    QueueError {
        operation,
        queue,
        source: source.into(),
    }
}
