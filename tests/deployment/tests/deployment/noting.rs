//! A table, a bus, queues and a feed of one stack that record their calls.

use std::cell::RefCell;
use std::rc::Rc;

use domain::feed::{Access, Feed};
use domain::time::Timestamp;
use engine::messages::Message;
use engine::ports::{
    Bus, BusError, FeedAnswer, FeedError, FeedErrorKind, FeedReader, OctopusError, ReadRequest,
    Routes,
};
use octopus::ApiKeys;
use operator::ports::{
    DeadLetterMessage, DeadLetterQueues, DeadLetterReport, MessageContent, QueueError, QueueKind,
    QueueState, Queues, Which,
};
use secrecy::SecretString;
use simulation::Call;
use store::memory::MemoryTable;
use store::{Condition, Key, PutError, QueryOrder, Row, Table, TableError};

use super::calls::Asked;
use super::calls::QueueCall;

#[derive(Clone)]
pub(crate) struct Noting {
    table: Rc<MemoryTable>,
    access: Access,
    asked: Rc<RefCell<Asked>>,
}

impl Noting {
    pub(crate) fn new(asked: &Rc<RefCell<Asked>>) -> Self {
        Self {
            table: Rc::default(),
            access: Access::default(),
            asked: Rc::clone(asked),
        }
    }

    fn note(&self, call: Call) {
        self.asked.borrow_mut().0.insert(call);
    }

    fn note_queue(&self, call: QueueCall) {
        self.asked.borrow_mut().1.insert(call);
    }
}

impl Table for Noting {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Row>>, TableError> {
        self.note(Call::GetRows);
        self.table.get_many(keys).await
    }

    async fn query(
        &self,
        partition: &str,
        sort_prefix: &str,
        order: QueryOrder,
        most: usize,
    ) -> Result<Vec<Row>, TableError> {
        self.note(Call::QueryRows);
        self.table.query(partition, sort_prefix, order, most).await
    }

    async fn put(&self, row: Row, condition: Condition) -> Result<(), PutError> {
        self.note(Call::PutRow);
        self.table.put(row, condition).await
    }

    async fn delete(&self, key: &Key, condition: Condition) -> Result<(), PutError> {
        self.note(Call::DeleteRow);
        self.table.delete(key, condition).await
    }
}

impl Bus for Noting {
    async fn publish(&self, _: &[Message]) -> Result<(), BusError> {
        self.note(Call::Publish);
        Ok(())
    }
}

impl Queues for Noting {
    async fn queues(&self) -> Result<Vec<QueueState>, QueueError> {
        self.note_queue(QueueCall::Count);
        let full = |kind| QueueState {
            kind,
            waiting: 0,
            in_flight: 0,
            delayed: 0,
            dead_letters: 1,
        };
        Ok(QueueKind::ALL.map(full).to_vec())
    }
}

impl DeadLetterQueues for Noting {
    async fn list(&self, queue: QueueKind, _: usize) -> Result<Vec<DeadLetterMessage>, QueueError> {
        self.note_queue(QueueCall::List);
        Ok(vec![DeadLetterMessage {
            id: "message".to_owned(),
            queue,
            sent_at: Timestamp::default(),
            deliveries: 5,
            letter: MessageContent::Unreadable("no JSON".to_owned()),
            reason: None,
            body: String::new(),
        }])
    }

    async fn redrive(&self, _: QueueKind, _: &Which) -> Result<DeadLetterReport, QueueError> {
        self.note_queue(QueueCall::Redrive);
        Ok(DeadLetterReport::default())
    }

    async fn delete(&self, _: QueueKind, _: &Which) -> Result<DeadLetterReport, QueueError> {
        panic!("the console throws nothing away")
    }
}

/// It asks for a pause, which is remembered.
impl FeedReader for Noting {
    async fn read(&self, _: &Feed, requests: &[ReadRequest]) -> FeedAnswer {
        self.note(Call::ReadFeed);
        let throttled = |_| {
            Err(FeedError {
                message: "too many requests".to_owned(),
                kind: FeedErrorKind::Throttled(None),
                source: None,
            })
        };
        FeedAnswer {
            readings: requests.iter().map(throttled).collect(),
            ..FeedAnswer::default()
        }
    }
}

impl Routes for Noting {
    fn access(&self) -> Access {
        self.access.clone()
    }
}

/// The key without which Octopus is not asked.
pub(crate) struct NotingKey {
    key: SecretString,
    asked: Rc<RefCell<Asked>>,
}

impl NotingKey {
    pub(crate) fn new(key: &str, asked: &Rc<RefCell<Asked>>) -> Self {
        Self {
            key: key.into(),
            asked: Rc::clone(asked),
        }
    }
}

impl ApiKeys for NotingKey {
    async fn key(&self, _: bool) -> Result<SecretString, OctopusError> {
        self.asked.borrow_mut().0.insert(Call::AskOctopus);
        Ok(self.key.clone())
    }
}
