//! Actions of the console on one machine.

use std::rc::Rc;

use domain::feed::Feed;
use domain::trigger::{Trigger, WatchList};
use engine::ports::{Clock, PauseKey};
use host::SystemClock;
use operator::ask;
use store::Store;
use web_console::{ActionFailed, Actions, Evaluated, FeedChecked, NoQueues};

use super::super::request::{end_pause, evaluate_soon};
use super::super::run::{is_locked, machine_options};
use crate::args::Run;
use crate::reach::Reach;
use machine::{Machine, Reader};

/// Evaluates in this process. If another process has the lock of the state file, requests it from that one.
pub(super) struct LocalActions {
    reach: Rc<Reach>,
    run: Run,
    reader: Reader,
}

impl LocalActions {
    pub(super) fn new(reach: Rc<Reach>, reader: Reader) -> anyhow::Result<Self> {
        let run = Run::for_request(false);
        machine_options(&reach, &run)?;
        Ok(Self { reach, run, reader })
    }

    async fn try_evaluate(&self, trigger: &Trigger) -> anyhow::Result<Evaluated> {
        let machine = Machine::open(machine_options(&self.reach, &self.run)?).await;
        let machine = match machine {
            Ok(machine) => machine,
            Err(error) if is_locked(&error) => return self.request(trigger).await,
            Err(error) => return Err(error.into()),
        };
        let message = ask::evaluation(machine.store(), trigger, SystemClock.now()).await?;
        let report = machine.deliver_again(vec![message]).await;
        if let Some(why) = report.broken.first() {
            anyhow::bail!("cannot finish the evaluation: {why}");
        }
        let own = report
            .evaluations
            .iter()
            .rfind(|one| (&one.space, &one.trigger) == trigger.key());
        own.map(|one| Evaluated::Now(one.outcome)).ok_or_else(|| {
            anyhow::anyhow!("cannot evaluate the trigger: feedctl no longer runs it")
        })
    }

    /// Requests the evaluation from the process that has the lock: it evaluates a trigger whose pause is over
    /// in its next scheduler run.
    async fn request(&self, trigger: &Trigger) -> anyhow::Result<Evaluated> {
        let store = Store::new(self.reach.existing_state()?);
        evaluate_soon(&store, trigger, "requested in the console").await?;
        Ok(Evaluated::Requested)
    }

    async fn try_check(&self, list: &WatchList, feed: &Feed) -> anyhow::Result<FeedChecked> {
        let machine = Machine::open(machine_options(&self.reach, &self.run)?).await;
        let machine = match machine {
            Ok(machine) => machine,
            Err(error) if is_locked(&error) => {
                // The process that has the lock checks a feed whose pause is over in its next scheduler run.
                let store = Store::new(self.reach.existing_state()?);
                let key = PauseKey::Feed(feed.space.clone(), feed.id.clone());
                end_pause(&store, key, "requested in the console").await?;
                return Ok(FeedChecked::Requested);
            }
            Err(error) => return Err(error.into()),
        };
        let now = SystemClock.now();
        let messages = ask::feed_check(machine.store(), list, feed, now).await?;
        let report = machine.deliver_again(messages).await;
        if let Some(why) = report.broken.first() {
            anyhow::bail!("cannot finish the check: {why}");
        }
        Ok(FeedChecked::Now {
            failed: report.unread.len(),
        })
    }
}

impl Actions for LocalActions {
    type Queues = NoQueues;
    type Reader = Reader;

    async fn evaluate(&self, trigger: &Trigger) -> Result<Evaluated, ActionFailed> {
        let evaluated = self.try_evaluate(trigger).await;
        evaluated.map_err(|error| ActionFailed(format!("{error:#}")))
    }

    async fn check_feed(&self, list: &WatchList, feed: &Feed) -> Result<FeedChecked, ActionFailed> {
        let checked = self.try_check(list, feed).await;
        checked.map_err(|error| ActionFailed(format!("{error:#}")))
    }

    fn queues(&self) -> Option<&NoQueues> {
        None
    }

    fn reader(&self) -> &Reader {
        &self.reader
    }
}
