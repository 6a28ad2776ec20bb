//! A deployed stack as whoever operates it sees it: found by its name, with its queues and what was given
//! up in them. The steps know their table and bus from their environment and carry none of this; the function
//! `console` knows the queues in the same way.

mod letter;
mod pile;
mod queues;
#[cfg(feature = "operator")]
mod stack;

pub use queues::{QueueUrls, StackQueues};
#[cfg(feature = "operator")]
pub use stack::{Stack, StackError};
