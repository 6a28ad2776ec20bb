//! The ports that only operators need: the stack's queues, and the progress of long commands.

mod progress;
mod queues;

pub use progress::Progress;
pub use queues::{
    DeadLetterMessage, DeadLetterQueues, DeadLetterReport, MessageContent, QueueError, QueueKind,
    QueueState, Queues, UnknownQueue, Which,
};
