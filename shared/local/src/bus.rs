//! The bus within one process: a bounded queue.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use engine::messages::Message;
use engine::ports::{Bus, BusError};

/// The number of waiting messages from which no more are accepted. A scheduler run that finds fewer can publish any
/// number, so that no number of feeds and triggers stops all runs.
const CAPACITY: usize = 20_000;

/// A first-in, first-out queue of messages.
#[derive(Debug)]
pub struct InProcessBus {
    queue: Mutex<VecDeque<Message>>,
    capacity: usize,
}

impl Default for InProcessBus {
    fn default() -> Self {
        Self::with_capacity(CAPACITY)
    }
}

impl InProcessBus {
    /// A bus that accepts messages while fewer than `capacity` wait.
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            queue: Mutex::default(),
            capacity,
        }
    }

    /// Removes and returns the oldest message.
    pub fn pop(&self) -> Option<Message> {
        self.queue().pop_front()
    }

    /// The number of waiting messages.
    pub fn len(&self) -> usize {
        self.queue().len()
    }

    pub fn is_empty(&self) -> bool {
        self.queue().is_empty()
    }

    fn queue(&self) -> MutexGuard<'_, VecDeque<Message>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Bus for InProcessBus {
    /// Accepts all messages or none.
    async fn publish(&self, messages: &[Message]) -> Result<(), BusError> {
        let mut queue = self.queue();
        if queue.len() >= self.capacity {
            return Err(BusError {
                failed: messages.len(),
                unencodable: 0,
                total: messages.len(),
                reason: format!(
                    "{} messages are waiting; the next scheduler run publishes again",
                    queue.len()
                ),
                source: None,
            });
        }
        queue.extend(messages.iter().cloned());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use domain::cause::EvaluationCause;
    use domain::ids::{SpaceId, TriggerId};
    use domain::time::Timestamp;
    use engine::messages::{EvaluationRequest, Event, Origin};

    use super::*;

    fn message(trigger: &str) -> Message {
        let request = EvaluationRequest {
            space: SpaceId::new("Spaces-1"),
            trigger: TriggerId::new(trigger),
            cause: EvaluationCause::Hourly,
            retrying: false,
            change: None,
        };
        let event = Event::TriggerEvaluationRequested(request);
        Message::new(
            &Origin::new(&["test"]),
            event,
            &[trigger],
            Timestamp::from_millis(0),
        )
    }

    #[tokio::test]
    async fn bus_returns_messages_in_publish_order() {
        let bus = InProcessBus::default();
        bus.publish(&[message("1"), message("2")])
            .await
            .expect("room");
        bus.publish(&[message("3")]).await.expect("room");
        assert_eq!(bus.len(), 3);
        let all: Vec<Message> = std::iter::from_fn(|| bus.pop()).collect();
        assert_eq!(all, ["1", "2", "3"].map(message));
        assert!(bus.is_empty());
    }

    #[tokio::test]
    async fn full_bus_accepts_none() {
        let bus = InProcessBus::with_capacity(2);
        bus.publish(&[message("1"), message("2")])
            .await
            .expect("room");
        let error = bus
            .publish(&[message("3"), message("4")])
            .await
            .expect_err("no room");
        assert_eq!((error.failed, error.total, bus.len()), (2, 2, 2));
    }

    #[tokio::test]
    async fn bus_accepts_one_publication_of_any_number() {
        let bus = InProcessBus::default();
        let messages: Vec<_> = (0..30_000).map(|n| message(&n.to_string())).collect();
        bus.publish(&messages).await.expect("room");
        assert_eq!(bus.len(), 30_000);
    }
}
