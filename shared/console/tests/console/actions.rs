//! The console's hand: it remembers what it was asked to do.

use std::cell::RefCell;

use domain::time::Timestamp;
use domain::trigger::Trigger;
use operator::ports::{
    DeadLetterMessage, DeadLetterQueues, DeadLetterReport, MessageContent, QueueError, QueueKind,
    QueueState, Queues, Which,
};
use web_console::{ActionFailed, Actions, Evaluated};

use crate::octopus::Registry;
use crate::world::HOSTILE;

/// Remembers what it was asked to do.
#[derive(Default)]
pub(crate) struct Remembering {
    pub(crate) evaluated: RefCell<Vec<String>>,
    queues: Stack,
    reader: Registry,
}

/// A stack with a dead letter among the checks.
#[derive(Default)]
pub(crate) struct Stack {
    redriven: RefCell<Vec<QueueKind>>,
}

impl Remembering {
    pub(crate) fn redriven(&self) -> Vec<QueueKind> {
        self.queues.redriven.borrow().clone()
    }
}

impl Actions for Remembering {
    type Queues = Stack;
    type Reader = Registry;

    async fn evaluate(&self, trigger: &Trigger) -> Result<Evaluated, ActionFailed> {
        self.evaluated.borrow_mut().push(trigger.id.to_string());
        Ok(Evaluated::Asked)
    }

    fn queues(&self) -> Option<&Stack> {
        Some(&self.queues)
    }

    fn reader(&self) -> &Registry {
        &self.reader
    }
}

impl Queues for Stack {
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

impl DeadLetterQueues for Stack {
    async fn list(&self, queue: QueueKind, _: usize) -> Result<Vec<DeadLetterMessage>, QueueError> {
        Ok(vec![DeadLetterMessage {
            id: "letter".into(),
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
        let done = vec!["letter".to_owned()];
        Ok(DeadLetterReport {
            done,
            ..DeadLetterReport::default()
        })
    }

    async fn discard(&self, _: QueueKind, _: &Which) -> Result<DeadLetterReport, QueueError> {
        Ok(DeadLetterReport::default())
    }
}
