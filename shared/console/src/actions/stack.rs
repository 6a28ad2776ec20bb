//! Actions on a stack: requests evaluations on its bus and redrives its dead-letter queues.

use domain::feed::Feed;
use domain::trigger::{Trigger, WatchList};
use engine::ports::{Bus, Clock, FeedReader, Pauses, Routes};
use engine::{StepError, with_causes};
use operator::ask;
use operator::ports::{DeadLetterQueues, Queues};

use super::{ActionFailed, Actions, Evaluated, FeedChecked};

/// The actions on a stack.
#[derive(Debug)]
pub struct StackActions<S, B, C, Q, R> {
    pub store: S,
    pub bus: B,
    pub clock: C,
    pub queues: Q,
    pub reader: R,
}

impl<S: Pauses, B: Bus, C: Clock, Q, R> StackActions<S, B, C, Q, R> {
    async fn request(&self, trigger: &Trigger) -> Result<Evaluated, StepError> {
        let message = ask::evaluation(&self.store, trigger, self.clock.now()).await?;
        self.bus.publish(&[message]).await?;
        Ok(Evaluated::Requested)
    }

    async fn request_check(&self, list: &WatchList, feed: &Feed) -> Result<(), StepError> {
        let messages = ask::feed_check(&self.store, list, feed, self.clock.now()).await?;
        Ok(self.bus.publish(&messages).await?)
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
        let requested = self.request(trigger).await;
        requested.map_err(|error| ActionFailed(with_causes(&error)))
    }

    async fn check_feed(&self, list: &WatchList, feed: &Feed) -> Result<FeedChecked, ActionFailed> {
        let requested = self.request_check(list, feed).await;
        requested
            .map(|()| FeedChecked::Requested)
            .map_err(|error| ActionFailed(with_causes(&error)))
    }

    fn queues(&self) -> Option<&Q> {
        Some(&self.queues)
    }

    fn reader(&self) -> &R {
        &self.reader
    }
}
