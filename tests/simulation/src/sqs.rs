//! The queues: at least once; a message that is not deleted in time is redelivered, and after 20 deliveries it is moved to
//! the dead-letter queue, from which a user can redrive it.

use std::cell::{Cell, RefCell};

use domain::time::{Span, Timestamp};

/// Deliveries of a message before it is dead-lettered.
const MOST_RECEIVES: u32 = 20;

/// A message in a queue.
#[derive(Clone)]
pub(crate) struct Waiting {
    pub(crate) id: u64,
    pub(crate) body: String,
    visible_at: Timestamp,
    receives: u32,
}

/// A queue with its dead-letter queue.
#[derive(Default)]
pub(crate) struct Queue {
    next: Cell<u64>,
    waiting: RefCell<Vec<Waiting>>,
    dead: RefCell<Vec<String>>,
    /// Every body that was ever sent, if recorded.
    archive: RefCell<Option<Vec<String>>>,
    /// Invocations at work.
    pub(crate) running: Cell<usize>,
}

impl Queue {
    pub(crate) fn push(&self, body: String, now: Timestamp) {
        if let Some(archive) = &mut *self.archive.borrow_mut() {
            archive.push(body.clone());
        }
        self.put(body, now);
    }

    /// Sends a message that is visible from then on.
    pub(crate) fn push_late(&self, body: String, at: Timestamp) {
        self.put(body, at);
    }

    fn put(&self, body: String, now: Timestamp) {
        let id = self.next.replace(self.next.get() + 1);
        self.waiting.borrow_mut().push(Waiting {
            id,
            body,
            visible_at: now,
            receives: 0,
        });
    }

    /// Moves a message to the dead-letter queue.
    pub(crate) fn dead_letter(&self, body: String) {
        self.dead.borrow_mut().push(body);
    }

    /// Receives at most `most` messages, which stay invisible to other receivers for `hidden`.
    pub(crate) fn receive(&self, now: Timestamp, most: usize, hidden: Span) -> Vec<Waiting> {
        let mut waiting = self.waiting.borrow_mut();
        waiting.retain(|message| {
            let is_dead = message.visible_at <= now && message.receives >= MOST_RECEIVES;
            if is_dead {
                self.dead_letter(message.body.clone());
            }
            !is_dead
        });
        let visible = waiting.iter_mut().filter(|one| one.visible_at <= now);
        let taken = visible.take(most).map(|message| {
            message.receives += 1;
            message.visible_at = now + hidden;
            message.clone()
        });
        taken.collect()
    }

    pub(crate) fn delete(&self, id: u64) {
        self.waiting.borrow_mut().retain(|one| one.id != id);
    }

    /// Makes the message visible at once.
    pub(crate) fn show(&self, id: u64, now: Timestamp) {
        let mut waiting = self.waiting.borrow_mut();
        if let Some(message) = waiting.iter_mut().find(|one| one.id == id) {
            message.visible_at = now;
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.borrow().is_empty()
    }

    /// Moves all messages of the dead-letter queue back; returns their number.
    pub(crate) fn redrive(&self, now: Timestamp) -> usize {
        let dead = std::mem::take(&mut *self.dead.borrow_mut());
        let count = dead.len();
        dead.into_iter().for_each(|body| self.put(body, now));
        count
    }

    /// Records every body from now on.
    pub(crate) fn start_recording(&self) {
        self.archive.replace(Some(Vec::new()));
    }

    /// The recorded bodies.
    pub(crate) fn recorded(&self) -> Vec<String> {
        self.archive.take().unwrap_or_default()
    }
}
