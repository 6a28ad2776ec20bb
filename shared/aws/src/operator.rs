//! A deployed stack as whoever operates it sees it: found by its name, with its queues and what was given
//! up in them. The functions know their table and bus from their environment and carry none of this.

mod letter;
mod pile;
mod queues;
mod stack;

pub use queues::StackQueues;
pub use stack::{QueueUrls, Stack, StackError};
