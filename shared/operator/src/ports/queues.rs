//! The queues between the steps, and what was given up in them, as whoever operates a stack sees them. No
//! step needs either.

use std::fmt;
use std::str::FromStr;

use domain::push::EcrPush;
use domain::time::Timestamp;

use engine::messages::Message;

/// What lies in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum QueueKind {
    /// Ticks of the schedule. They start the step themselves: there is no queue but that of the dead
    /// letters.
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
    /// Messages that nobody has taken yet, or that came back.
    pub waiting: u64,
    /// Messages that somebody has taken: they are being handled, or wait to be delivered again.
    pub in_flight: u64,
    /// Messages that may not be taken yet.
    pub delayed: u64,
    /// Messages that were given up.
    pub dead_letters: u64,
}

/// Counts what lies in the queues.
pub trait Queues {
    /// Every queue, in the order of [`QueueKind::ALL`].
    ///
    /// # Errors
    /// When any of them could not be asked.
    async fn queues(&self) -> Result<Vec<QueueState>, QueueError>;
}

/// What was given up: delivered as often as it may be, or never delivered at all.
///
/// A queue cannot be looked into without taking from it. Whoever lists, therefore, takes every letter for
/// a moment and lays it back: meanwhile nobody else sees it, and each look counts as one more delivery.
/// Dead letters are not given up a second time, so that does them no harm.
pub trait DeadLetterQueues {
    /// At most `most` letters of a queue, the oldest first. Fewer than that are all there are, unless
    /// somebody else looks at the same time.
    ///
    /// # Errors
    /// When the queue could not be read. Letters that were taken come back by themselves.
    async fn list(
        &self,
        queue: QueueKind,
        most: usize,
    ) -> Result<Vec<DeadLetterMessage>, QueueError>;

    /// Hands letters back to the queue they were given up in, with the same body. Each is laid there first
    /// and taken from the dead letters after, so none is lost: one that is interrupted in between is
    /// handled twice, which does no harm. It is handled afresh, and may be given up again.
    ///
    /// # Errors
    /// When the queue could not be read, or has nowhere to hand a letter back to
    /// ([`QueueKind::can_redrive`]). What becomes of a single letter is in the [`DeadLetterReport`].
    async fn redrive(
        &self,
        queue: QueueKind,
        which: &Which,
    ) -> Result<DeadLetterReport, QueueError>;

    /// Throws letters away.
    ///
    /// # Errors
    /// As for [`redrive`](Self::redrive), though any queue's can be thrown away.
    async fn discard(
        &self,
        queue: QueueKind,
        which: &Which,
    ) -> Result<DeadLetterReport, QueueError>;
}

/// Which dead letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// Those that are there now, as many as are taken at a time.
    All,
    /// Those with these ids.
    These(Vec<String>),
}

/// A message that was given up.
#[derive(Clone, Debug, PartialEq)]
pub struct DeadLetterMessage {
    /// The queue's own id. It stays the same while the letter lies there; one that is handed back and given
    /// up again has another.
    pub id: String,
    /// Where it was given up.
    pub queue: QueueKind,
    /// When it was first sent to a queue.
    pub sent_at: Timestamp,
    /// How often it was taken, looks included.
    pub deliveries: u32,
    /// What it says.
    pub letter: MessageContent,
    /// Why it was given up, if that is written on it: so it is with what could not be delivered and with
    /// failed ticks. What a function failed at stands in that function's log.
    pub reason: Option<String>,
    /// The body, as it came.
    pub body: String,
}

/// What a dead letter says.
#[derive(Clone, Debug, PartialEq)]
pub enum MessageContent {
    /// A message of this program.
    Message(Box<Message>),
    /// A push.
    Push(EcrPush),
    /// A tick of the schedule.
    SchedulerRun,
    /// Nothing that this program knows; and why.
    Unreadable(String),
}

/// What became of dead letters that were to be handed back or thrown away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeadLetterReport {
    /// The ids of those of which that was done.
    pub done: Vec<String>,
    /// Those of which it was not, each with the reason. They are still there.
    pub left: Vec<(String, String)>,
    /// Those that were named and are not there.
    pub absent: Vec<String>,
}

/// A queue that could not be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot {operation} the queue of {queue}")]
pub struct QueueError {
    /// What was tried: `count`, `read`, `hand letters back to`.
    pub operation: &'static str,
    /// The queue.
    pub queue: QueueKind,
    /// The cause.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

impl QueueKind {
    /// All of them, in the order of the flow.
    pub const ALL: [Self; 4] = [Self::Schedule, Self::Checks, Self::Releases, Self::Pushes];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Schedule => "schedule",
            Self::Checks => "checks",
            Self::Releases => "releases",
            Self::Pushes => "pushes",
        }
    }

    /// The function that takes from it, in whose log stands what it failed at.
    pub fn function(self) -> &'static str {
        match self {
            Self::Schedule => "scheduler",
            Self::Checks => "feed-checker",
            Self::Releases => "release-creator",
            Self::Pushes => "push-receiver",
        }
    }

    /// Whether its dead letters can be handed back. A tick cannot: the next one has done its work.
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

/// A name that no queue has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there are the queues schedule, checks, releases and pushes")]
pub struct UnknownQueue;

impl MessageContent {
    /// What kind of message it is, as the bus calls it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Message(message) => message.event.detail_type(),
            Self::Push(_) => "ECR Image Action",
            Self::SchedulerRun => "Tick",
            Self::Unreadable(_) => "Unreadable",
        }
    }

    /// What it is about, in few words; why not, if it cannot be read.
    pub fn subject(&self) -> String {
        match self {
            Self::Message(message) => message.event.subject(),
            Self::Push(push) => match &push.tag {
                Some(tag) => format!("{}:{tag} of {}", push.repository, push.account),
                None => format!("{} of {}", push.repository, push.account),
            },
            Self::SchedulerRun => "a tick of the schedule".to_owned(),
            Self::Unreadable(why) => why.clone(),
        }
    }

    /// What everything from the same cause shares, if it is a message of this program.
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
    fn queues_are_known_by_their_names() {
        for kind in QueueKind::ALL {
            assert_eq!(kind.name().parse(), Ok(kind));
        }
        assert_eq!("check".parse::<QueueKind>(), Err(UnknownQueue));
    }

    #[test]
    fn a_push_is_told_with_its_tag() {
        let push = |tag: Option<&str>| EcrPush {
            account: "123456789012".into(),
            region: "eu-west-1".into(),
            repository: "acme/web".into(),
            tag: tag.map(str::to_owned),
            action: "PUSH".into(),
            result: "SUCCESS".into(),
        };
        let subject = |tag| MessageContent::Push(push(tag)).subject();
        assert_eq!(subject(Some("1.5.0")), "acme/web:1.5.0 of 123456789012");
        assert_eq!(subject(None), "acme/web of 123456789012");
    }
}
