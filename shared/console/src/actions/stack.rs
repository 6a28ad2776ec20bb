//! What is done about a stack: evaluations are asked for on its bus, and dead letters are handed back to its
//! queues.

use domain::trigger::Trigger;
use engine::ports::{Bus, Clock, FeedReader, Pauses, Routes};
use engine::{StepError, with_causes};
use operator::ask;
use operator::ports::{DeadLetterQueues, Queues};

use super::{ActionFailed, Actions, Evaluated};

/// Asks a stack.
#[derive(Debug)]
pub struct StackActions<S, B, C, Q, R> {
    /// What the stack remembers.
    pub store: S,
    /// Its bus.
    pub bus: B,
    /// The time.
    pub clock: C,
    /// Its queues.
    pub queues: Q,
    /// Reads feeds.
    pub reader: R,
}

impl<S: Pauses, B: Bus, C: Clock, Q, R> StackActions<S, B, C, Q, R> {
    async fn ask(&self, trigger: &Trigger) -> Result<Evaluated, StepError> {
        let message = ask::evaluation(&self.store, trigger, self.clock.now()).await?;
        self.bus.publish(&[message]).await?;
        Ok(Evaluated::Asked)
    }
}

impl<S, B, C, Q, R> Actions for StackActions<S, B, C, Q, R>
where
    S: Pauses,
    B: Bus,
    C: Clock,
    Q: Queues + DeadLetterQueues,
    R: FeedReader + Routes,
{
    type Queues = Q;
    type Reader = R;

    async fn evaluate(&self, trigger: &Trigger) -> Result<Evaluated, ActionFailed> {
        let asked = self.ask(trigger).await;
        asked.map_err(|error| ActionFailed(with_causes(&error)))
    }

    fn queues(&self) -> Option<&Q> {
        Some(&self.queues)
    }

    fn reader(&self) -> &R {
        &self.reader
    }
}
