//! The bus: keeps each message until it was handled.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use engine::messages::{Event, Message};
use engine::ports::{Bus, BusError};

use crate::fuse::Fuse;

/// The waiting messages, and a log of all messages. Clones share the queue.
#[derive(Clone, Debug, Default)]
pub struct Queue(Rc<RefCell<State>>);

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Message>,
    log: Vec<Message>,
    /// The longest package name that a message can contain.
    longest_name: Option<usize>,
}

impl Queue {
    /// Every message ever published, oldest first.
    pub fn log(&self) -> Vec<Message> {
        self.0.borrow().log.clone()
    }

    /// Rejects messages with longer package names from now on, as a bus with a size limit does.
    pub fn limit_names(&self, longest: usize) {
        self.0.borrow_mut().longest_name = Some(longest);
    }

    fn fits(&self, message: &Message) -> bool {
        let longest = self.0.borrow().longest_name.unwrap_or(usize::MAX);
        match &message.event {
            Event::FeedCheckRequested(check) => {
                let mut packages = check.packages.iter();
                packages.all(|package| package.as_str().len() <= longest)
            }
            _ => true,
        }
    }

    /// Loses the waiting messages.
    pub fn lose(&self) {
        self.0.borrow_mut().waiting.clear();
    }

    /// The oldest waiting message. It stays until [`done`](Self::done).
    pub(crate) fn next(&self) -> Option<Message> {
        self.0.borrow().waiting.front().cloned()
    }

    /// Removes the oldest waiting message.
    pub(crate) fn done(&self) {
        self.0.borrow_mut().waiting.pop_front();
    }

    fn push(&self, message: &Message) {
        let mut state = self.0.borrow_mut();
        state.log.push(message.clone());
        // The others are notifications for subscribers.
        if let Event::FeedCheckRequested(_)
        | Event::PackageVersionsChanged(_)
        | Event::TriggerEvaluationRequested(_) = message.event
        {
            state.waiting.push_back(message.clone());
        }
    }
}

/// The bus of the steps. Each message is an effect.
#[derive(Clone)]
pub(crate) struct FusedBus {
    pub(crate) queue: Queue,
    pub(crate) fuse: Fuse,
}

impl Bus for FusedBus {
    async fn publish(&self, messages: &[Message]) -> Result<(), BusError> {
        let (accepted, rejected): (Vec<_>, Vec<_>) = messages
            .iter()
            .partition(|message| self.queue.fits(message));
        for message in accepted {
            let name = format!("publish {}", message.event.detail_type());
            let push = async { self.queue.push(message) };
            self.fuse.pass(name, push).await;
        }
        match rejected.len() {
            0 => Ok(()),
            unencodable => Err(BusError {
                failed: unencodable,
                unencodable,
                total: messages.len(),
                reason: "cannot encode a message".to_owned(),
                source: None,
            }),
        }
    }
}
