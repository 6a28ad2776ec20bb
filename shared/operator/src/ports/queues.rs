//! The queues of a stack and their dead-letter queues, for operators. No step uses them.

use std::fmt;
use std::str::FromStr;

use domain::push::PushEvent;
use domain::time::Timestamp;

use engine::messages::Message;

/// The content of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum QueueKind {
    /// Scheduler runs. They start the function directly, so there is only a dead-letter queue.
    Schedule,
    /// Requests to check a feed.
    Checks,
    /// Changes and evaluations that wait for a decision.
    Releases,
    /// Pushes.
    Pushes,
}

/// How full a queue is. The counts are approximate: SQS gets them right within a minute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueState {
    /// Which queue.
    pub kind: QueueKind,
    /// Messages that are visible: not yet received, or visible again.
    pub waiting: u64,
    /// Messages in flight: received and not yet deleted.
    pub in_flight: u64,
    /// Delayed messages.
    pub delayed: u64,
    /// Messages in the dead-letter queue.
    pub dead_letters: u64,
}

/// Counts the messages in the queues.
pub trait Queues {
    /// Every queue, in the order of [`QueueKind::ALL`].
    ///
    /// # Errors
    /// When one of them could not be read.
    async fn queues(&self) -> Result<Vec<QueueState>, QueueError>;
}

/// The dead-letter queues: messages that were received too often, or that could not be delivered.
///
/// SQS has no way to read a queue without receiving from it. Listing therefore receives every message and makes it
/// visible again: meanwhile other readers do not see it, and each listing increases its receive count. A dead-letter
/// queue has no limit of receives, so that is harmless.
pub trait DeadLetterQueues {
    /// At most `most` messages of a queue, oldest first. Fewer are all of them, unless another reader lists at the
    /// same time.
    ///
    /// # Errors
    /// When the queue could not be read. Received messages become visible again on their own.
    async fn list(
        &self,
        queue: QueueKind,
        most: usize,
    ) -> Result<Vec<DeadLetterMessage>, QueueError>;

    /// Redrives messages to their source queue, with the same body. Each message is sent before it is deleted, so
    /// none is lost: after an interruption in between it is handled twice, which is harmless. A redriven message may
    /// fail again.
    ///
    /// # Errors
    /// When the queue could not be read, or has no source queue ([`QueueKind::can_redrive`]). Failures of single
    /// messages are in the [`DeadLetterReport`].
    async fn redrive(
        &self,
        queue: QueueKind,
        which: &Which,
    ) -> Result<DeadLetterReport, QueueError>;

    /// Deletes messages.
    ///
    /// # Errors
    /// As for [`redrive`](Self::redrive), but for every queue.
    async fn delete(&self, queue: QueueKind, which: &Which)
    -> Result<DeadLetterReport, QueueError>;
}

/// A selection of messages in a dead-letter queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// All current messages, up to the limit of one call.
    All,
    /// The messages with these ids.
    These(Vec<String>),
}

/// A message in a dead-letter queue.
#[derive(Clone, Debug, PartialEq)]
pub struct DeadLetterMessage {
    /// The message id of SQS. A message that is redriven and fails again has another one.
    pub id: String,
    /// Its source queue.
    pub queue: QueueKind,
    /// When it was first sent to a queue.
    pub sent_at: Timestamp,
    /// How often it was received, listings included.
    pub deliveries: u32,
    /// Its parsed content.
    pub letter: MessageContent,
    /// The reason, if the message contains it: for undeliverable events and failed scheduler runs. Other reasons are
    /// in the function's log.
    pub reason: Option<String>,
    /// The unparsed body.
    pub body: String,
}

/// The parsed content of a message.
#[derive(Clone, Debug, PartialEq)]
pub enum MessageContent {
    /// A message of this program.
    Message(Box<Message>),
    /// A push.
    Push(PushEvent),
    /// A scheduler run.
    SchedulerRun,
    /// A body that cannot be parsed, with the reason.
    Unreadable(String),
}

/// The result of redriving or deleting messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeadLetterReport {
    /// The ids of the messages that were redriven or deleted.
    pub done: Vec<String>,
    /// The ids of the failed messages, each with the reason. They are still in the queue.
    pub left: Vec<(String, String)>,
    /// The requested ids that the queue does not contain.
    pub absent: Vec<String>,
}

/// A failed operation of a queue.
#[derive(Debug, thiserror::Error)]
#[error("cannot {operation} the queue of {queue}")]
pub struct QueueError {
    /// The failed operation: `count`, `read`, `redrive to`.
    pub operation: &'static str,
    /// The queue.
    pub queue: QueueKind,
    /// The cause.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

impl QueueKind {
    /// All kinds, in the order of the flow.
    pub const ALL: [Self; 4] = [Self::Schedule, Self::Checks, Self::Releases, Self::Pushes];

    pub fn name(self) -> &'static str {
        match self {
            Self::Schedule => "schedule",
            Self::Checks => "checks",
            Self::Releases => "releases",
            Self::Pushes => "pushes",
        }
    }

    /// The function that consumes it, whose log has the failures.
    pub fn function(self) -> &'static str {
        match self {
            Self::Schedule => "scheduler",
            Self::Checks => "feed-checker",
            Self::Releases => "release-creator",
            Self::Pushes => "push-receiver",
        }
    }

    /// Whether its dead letters can be redriven. A scheduler run cannot: the next run did its work.
    pub fn can_redrive(self) -> bool {
        self != Self::Schedule
    }
}

impl fmt::Display for QueueKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for QueueKind {
    type Err = UnknownQueue;

    fn from_str(text: &str) -> Result<Self, UnknownQueue> {
        let mut all = Self::ALL.into_iter();
        all.find(|kind| kind.name() == text).ok_or(UnknownQueue)
    }
}

/// An unknown queue name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown queue; use one of schedule, checks, releases, pushes")]
pub struct UnknownQueue;

impl MessageContent {
    /// The detail type of the message.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Message(message) => message.event.detail_type(),
            Self::Push(PushEvent::Ecr(_)) => "ECR Image Action",
            Self::Push(PushEvent::Package(_)) => "PackagePushed",
            // Inspector's event has another name and the same meaning.
            Self::Push(PushEvent::Scan(_)) => "ECR Image Scan",
            Self::SchedulerRun => "SchedulerRun",
            Self::Unreadable(_) => "Unreadable",
        }
    }

    /// A short description of the subject, or the reason if it cannot be parsed.
    pub fn subject(&self) -> String {
        match self {
            Self::Message(message) => message.event.subject(),
            Self::Push(push) => push.subject(),
            Self::SchedulerRun => "a scheduler run".to_owned(),
            Self::Unreadable(why) => why.clone(),
        }
    }

    /// The correlation id, if it is a message of this program.
    pub fn correlation_id(&self) -> Option<&str> {
        match self {
            Self::Message(message) => Some(&message.correlation_id),
            Self::Push(_) | Self::SchedulerRun | Self::Unreadable(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queue_names_parse_back() {
        for kind in QueueKind::ALL {
            assert_eq!(kind.name().parse(), Ok(kind));
        }
        assert_eq!("check".parse::<QueueKind>(), Err(UnknownQueue));
    }
}
