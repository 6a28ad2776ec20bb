//! The stack's queues in SQS: how full they are, and what was given up in them.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName;
use futures_util::future::try_join_all;
use operator::ports::{
    DeadLetterMessage, DeadLetterQueues, DeadLetterReport, QueueError, QueueKind, QueueState,
    Queues, Which,
};

use super::letter;
use super::pile::{Deed, Pile};
use crate::{AwsContext, Cause, OnFirstUse};

/// The addresses of a queue and of what is given up in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueUrls {
    /// The queue; nothing for the schedule, which starts its step itself.
    pub queue: Option<String>,
    /// The dead letters.
    pub dead_letters: String,
}

/// The queues of one stack.
#[derive(Clone, Debug)]
pub struct StackQueues {
    client: Arc<OnFirstUse<Client>>,
    urls: BTreeMap<QueueKind, QueueUrls>,
}

impl StackQueues {
    /// Nothing is asked of them yet.
    pub fn new(context: &AwsContext, urls: BTreeMap<QueueKind, QueueUrls>) -> Self {
        Self {
            client: context.client(Client::new),
            urls,
        }
    }

    fn urls(&self, kind: QueueKind) -> Result<&QueueUrls, QueueError> {
        let urls = self.urls.get(&kind);
        urls.ok_or_else(|| failed("read", kind, "the stack has none"))
    }

    fn pile(&self, kind: QueueKind) -> Result<Pile<'_>, QueueError> {
        Ok(Pile {
            client: &self.client,
            url: &self.urls(kind)?.dead_letters,
        })
    }

    async fn state(&self, kind: QueueKind, urls: &QueueUrls) -> Result<QueueState, Cause> {
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

    /// Messages that wait, that are taken, that are delayed.
    async fn counts(&self, url: &str) -> Result<[u64; 3], Cause> {
        let names = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
            QueueAttributeName::ApproximateNumberOfMessagesDelayed,
        ];
        let ask = self.client.get_queue_attributes().queue_url(url);
        let ask = ask.set_attribute_names(Some(names.to_vec()));
        let attributes = ask.send().await?.attributes.unwrap_or_default();
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
        most: usize,
    ) -> Result<Vec<DeadLetterMessage>, QueueError> {
        let pile = self.pile(kind)?;
        let taken = pile.take(most, &Which::All).await;
        let taken = taken.map_err(|source| failed("read", kind, source))?;
        let mut letters: Vec<_> = taken.iter().map(|one| letter::read(kind, one)).collect();
        letters.sort_by_key(|letter| letter.sent_at);
        pile.lay_back(taken).await;
        Ok(letters)
    }

    async fn redrive(
        &self,
        kind: QueueKind,
        which: &Which,
    ) -> Result<DeadLetterReport, QueueError> {
        let Some(queue) = &self.urls(kind)?.queue else {
            let why = "a tick that failed is not handed back, as the next one has done its work";
            return Err(failed("hand letters back to", kind, why));
        };
        let cleared = self.pile(kind)?.clear(which, Deed::HandBack(queue)).await;
        cleared.map_err(|source| failed("read", kind, source))
    }

    async fn discard(
        &self,
        kind: QueueKind,
        which: &Which,
    ) -> Result<DeadLetterReport, QueueError> {
        let cleared = self.pile(kind)?.clear(which, Deed::Discard).await;
        cleared.map_err(|source| failed("read", kind, source))
    }
}

fn failed(operation: &'static str, queue: QueueKind, source: impl Into<Cause>) -> QueueError {
    QueueError {
        operation,
        queue,
        source: source.into(),
    }
}
