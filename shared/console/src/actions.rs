//! What the console can have done, besides looking.

mod stack;

use domain::history::Outcome;
use domain::trigger::Trigger;
use engine::ports::{FeedReader, Routes};
use operator::ports::{
    DeadLetterMessage, DeadLetterQueues, DeadLetterReport, QueueError, QueueKind, QueueState,
    Queues, Which,
};

pub use stack::StackActions;

/// Does what people ask for. Each host has its own: one machine evaluates by itself, a stack is asked to.
pub trait Actions {
    /// The queues, where there are any.
    type Queues: Queues + DeadLetterQueues;
    /// Reads feeds, for what there is to choose from.
    type Reader: FeedReader + Routes;

    /// Evaluates a trigger now, whatever changed, or asks for it.
    ///
    /// # Errors
    /// When neither could be done. Asking again does no harm.
    async fn evaluate(&self, trigger: &Trigger) -> Result<Evaluated, ActionFailed>;

    /// The queues between the steps; none on one machine, where no message waits in any.
    fn queues(&self) -> Option<&Self::Queues>;

    /// What reads feeds while somebody adds a trigger.
    fn reader(&self) -> &Self::Reader;
}

/// How a trigger was evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evaluated {
    /// At once: the evaluation is on record, and ended so.
    Now(Outcome),
    /// It was asked for: the evaluation is on record a moment later.
    Asked,
}

/// What was asked for was not done; and why, with the remedy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ActionFailed(pub String);

/// The queues of one machine: there are none, and so there is no value of this type.
#[derive(Clone, Copy, Debug)]
pub enum NoQueues {}

impl Queues for NoQueues {
    async fn queues(&self) -> Result<Vec<QueueState>, QueueError> {
        match *self {}
    }
}

impl DeadLetterQueues for NoQueues {
    async fn list(&self, _: QueueKind, _: usize) -> Result<Vec<DeadLetterMessage>, QueueError> {
        match *self {}
    }

    async fn redrive(&self, _: QueueKind, _: &Which) -> Result<DeadLetterReport, QueueError> {
        match *self {}
    }

    async fn discard(&self, _: QueueKind, _: &Which) -> Result<DeadLetterReport, QueueError> {
        match *self {}
    }
}
