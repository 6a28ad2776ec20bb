//! A deployed stack from the operator's point of view: its outputs, queues and dead-letter queues.
//!
//! The four step functions read their table and bus from the environment and are built without this module;
//! the function `console` reads its queues from the environment too.

mod dead_letter_message;
mod dead_letter_queue;
mod queue_urls;
mod queues;
#[cfg(feature = "operator")]
mod stack;

pub use queue_urls::QueueUrls;
pub use queues::StackQueues;
#[cfg(feature = "operator")]
pub use stack::{Stack, StackError};
