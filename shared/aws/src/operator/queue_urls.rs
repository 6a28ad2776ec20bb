//! Where the queues of a stack are.

/// The URLs of a queue and of its dead-letter queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueUrls {
    /// `None` for the schedule, which invokes its function directly.
    pub queue: Option<String>,
    pub dead_letters: String,
}
