//! The actions of the console.

mod stack;

use domain::feed::Feed;
use domain::history::Outcome;
use domain::trigger::{Trigger, WatchList};
use engine::ports::{FeedReader, Routes};
use operator::ports::{
    DeadLetterMessage, DeadLetterQueues, DeadLetterReport, QueueError, QueueKind, QueueState,
    Queues, Which,
};

pub use stack::StackActions;

/// Executes actions. One machine evaluates in its own process; a stack receives a request on its bus.
pub trait Actions {
    type Queues: Queues + DeadLetterQueues;
    /// Reads feeds for the steps of adding a trigger.
    type Reader: FeedReader + Routes;

    /// Evaluates a trigger, or requests its evaluation.
    ///
    /// # Errors
    /// When neither is possible. A retry is safe.
    async fn evaluate(&self, trigger: &Trigger) -> Result<Evaluated, ActionFailed>;

    /// Checks the watched packages of a feed, or requests the check.
    ///
    /// # Errors
    /// When neither is possible. A retry is safe.
    async fn check_feed(&self, list: &WatchList, feed: &Feed) -> Result<FeedChecked, ActionFailed>;

    /// The queues between the steps; `None` on one machine.
    fn queues(&self) -> Option<&Self::Queues>;

    fn reader(&self) -> &Self::Reader;
}

/// The result of [`Actions::evaluate`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evaluated {
    /// The trigger was evaluated with this outcome, which is in its history.
    Now(Outcome),
    /// The evaluation was requested and appears in the history later.
    Requested,
}

/// The result of [`Actions::check_feed`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedChecked {
    /// The feed was checked, and this many packages could not be read.
    Now { failed: usize },
    /// The check was requested and is done later.
    Requested,
}

/// An action failed: the reason and the remedy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ActionFailed(pub String);

/// The queues of one machine, which has none; the type has no value.
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

    async fn delete(&self, _: QueueKind, _: &Which) -> Result<DeadLetterReport, QueueError> {
        match *self {}
    }
}
