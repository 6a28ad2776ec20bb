//! Sends messages to an SQS queue that delivers them after a time.

use std::sync::Arc;

use aws_sdk_sqs::Client;
use domain::time::Span;

use crate::{AwsContext, BoxError, OnFirstUse};

/// The longest delay of SQS.
const LONGEST: Span = Span::from_minutes(15);

/// A queue to which a function sends messages for itself.
#[derive(Debug)]
pub struct DelayedQueue {
    client: Arc<OnFirstUse<Client>>,
    url: String,
}

/// A message could not be sent.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot send a message to the queue {url}; check that the function's role has sqs:SendMessage on it"
)]
pub struct SendError {
    url: String,
    #[source]
    source: BoxError,
}

impl DelayedQueue {
    /// Makes no request.
    pub fn new(context: &AwsContext, url: impl Into<String>) -> Self {
        Self {
            client: context.client(Client::new),
            url: url.into(),
        }
    }

    /// Sends a message, which is delivered after `delay`, at most 15 minutes.
    ///
    /// # Errors
    /// When SQS refuses it or cannot be reached.
    pub async fn send(&self, body: String, delay: Span) -> Result<(), SendError> {
        let seconds = delay.min(LONGEST).as_millis() / 1_000;
        let request = self.client.send_message().queue_url(&self.url);
        let request = request
            .message_body(body)
            .delay_seconds(i32::try_from(seconds).unwrap_or_default());
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(SendError {
                url: self.url.clone(),
                source: error.into(),
            }),
        }
    }
}
