//! The four functions and their queues, with their settings in the template.

use domain::time::Span;

/// A function, with the settings of the template for it and its queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Function {
    /// Schedules checks and evaluations.
    Scheduler,
    /// Reads feeds.
    Checker,
    /// The same function, for its queue of checks after pushes.
    PushChecker,
    /// Evaluates triggers.
    Creator,
    /// Receives pushes.
    Receiver,
}

impl Function {
    pub(crate) fn timeout(self) -> Span {
        Span::from_seconds(match self {
            Self::Scheduler => 60,
            Self::Checker | Self::PushChecker | Self::Creator => 120,
            Self::Receiver => 30,
        })
    }

    pub(crate) fn at_once(self) -> usize {
        match self {
            Self::Checker => 3,
            Self::Scheduler | Self::PushChecker | Self::Creator | Self::Receiver => 2,
        }
    }

    pub(crate) fn batch(self) -> u64 {
        match self {
            Self::Receiver => 10,
            Self::PushChecker => 1,
            Self::Scheduler | Self::Checker | Self::Creator => 5,
        }
    }

    /// How long a message is hidden while it is handled.
    pub(crate) fn hidden(self) -> Span {
        Span::from_millis(self.timeout().as_millis() + 30_000)
    }

    /// How old an event gets before the bus gives up to deliver it.
    pub(crate) fn oldest_event(self) -> Span {
        match self {
            Self::Creator => Span::from_hours(24),
            Self::Scheduler | Self::Checker | Self::PushChecker | Self::Receiver => {
                Span::from_hours(1)
            }
        }
    }
}
