//! A bus that keeps what is published.

use std::cell::RefCell;

use engine::messages::Message;
use engine::ports::{Bus, BusError};

/// What was published.
#[derive(Default)]
pub struct Published(RefCell<Vec<Message>>);

impl Published {
    /// All messages so far; the next call gives those that come later.
    pub fn take(&self) -> Vec<Message> {
        self.0.take()
    }
}

impl Bus for Published {
    async fn publish(&self, messages: &[Message]) -> Result<(), BusError> {
        self.0.borrow_mut().extend_from_slice(messages);
        Ok(())
    }
}
