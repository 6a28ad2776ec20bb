//! Actions that record their calls.

use std::cell::RefCell;

use domain::feed::Feed;
use domain::time::Timestamp;
use domain::trigger::{Trigger, WatchList};
use operator::ports::{
    DeadLetterMessage, DeadLetterQueues, DeadLetterReport, MessageContent, QueueError, QueueKind,
    QueueState, Queues, Which,
};
use web_console::{ActionFailed, Actions, Evaluated, FeedChecked};

use crate::hostile::HOSTILE;
use crate::octopus::Registry;

/// Records the executed actions.
#[derive(Default)]
pub(crate) struct RecordingActions {
    pub(crate) evaluated: RefCell<Vec<String>>,
    pub(crate) checked: RefCell<Vec<String>>,
    queues: FakeQueues,
    reader: Registry,
}

/// Queues with one message in the dead-letter queue of checks.
#[derive(Default)]
pub(crate) struct FakeQueues {
    redriven: RefCell<Vec<QueueKind>>,
}

impl RecordingActions {
    pub(crate) fn redriven(&self) -> Vec<QueueKind> {
        self.queues.redriven.borrow().clone()
    }
}

impl Actions for RecordingActions {
    type Queues = FakeQueues;
    type Reader = Registry;

    async fn evaluate(&self, trigger: &Trigger) -> Result<Evaluated, ActionFailed> {
        self.evaluated.borrow_mut().push(trigger.id.to_string());
        Ok(Evaluated::Requested)
    }

    async fn check_feed(&self, _: &WatchList, feed: &Feed) -> Result<FeedChecked, ActionFailed> {
        self.checked.borrow_mut().push(feed.id.to_string());
        Ok(FeedChecked::Now { failed: 0 })
    }

    fn queues(&self) -> Option<&FakeQueues> {
        Some(&self.queues)
    }

    fn reader(&self) -> &Registry {
        &self.reader
    }
}

impl Queues for FakeQueues {
    async fn queues(&self) -> Result<Vec<QueueState>, QueueError> {
        let all = QueueKind::ALL.map(|kind| QueueState {
            kind,
            waiting: 0,
            in_flight: 0,
            delayed: 0,
            dead_letters: u64::from(kind == QueueKind::Checks),
        });
        Ok(all.to_vec())
    }
}

impl DeadLetterQueues for FakeQueues {
    async fn list(&self, queue: QueueKind, _: usize) -> Result<Vec<DeadLetterMessage>, QueueError> {
        Ok(vec![DeadLetterMessage {
            id: "message-1".into(),
            queue,
            sent_at: Timestamp::default(),
            deliveries: 5,
            letter: MessageContent::Unreadable(HOSTILE.into()),
            reason: Some(HOSTILE.into()),
            body: "a body is not shown".into(),
        }])
    }

    async fn redrive(&self, queue: QueueKind, _: &Which) -> Result<DeadLetterReport, QueueError> {
        self.redriven.borrow_mut().push(queue);
        let done = vec!["message-1".to_owned()];
        Ok(DeadLetterReport {
            done,
            ..DeadLetterReport::default()
        })
    }

    async fn delete(&self, _: QueueKind, _: &Which) -> Result<DeadLetterReport, QueueError> {
        Ok(DeadLetterReport::default())
    }
}
