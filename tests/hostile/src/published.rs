//! A bus that records published messages.

use std::cell::RefCell;

use engine::messages::Message;
use engine::ports::{Bus, BusError};

/// The published messages.
#[derive(Default)]
pub struct Published(RefCell<Vec<Message>>);

impl Published {
    /// Removes and returns all messages so far.
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
