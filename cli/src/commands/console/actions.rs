//! Actions of the console on one machine.

use std::rc::Rc;

use domain::due::BackOff;
use domain::trigger::Trigger;
use engine::ports::{Clock, PauseKey, Pauses};
use host::SystemClock;
use local::LockError;
use operator::ask;
use store::{Store, Table};
use web_console::{ActionFailed, Actions, Evaluated, NoQueues};

use super::super::run::machine_options;
use crate::args::Run;
use crate::reach::Reach;
use machine::{Machine, MachineError, Reader};

/// Evaluates in this process. If another process has the lock of the state file, requests it from that one.
pub(super) struct LocalActions {
    reach: Rc<Reach>,
    run: Run,
    reader: Reader,
}

impl LocalActions {
    pub(super) fn new(reach: Rc<Reach>, reader: Reader) -> anyhow::Result<Self> {
        let run = Run {
            once: false,
            dry_run: false,
            check_interval: 60,
            refresh_interval: 300,
        };
        machine_options(&reach, &run)?;
        Ok(Self { reach, run, reader })
    }

    async fn try_evaluate(&self, trigger: &Trigger) -> anyhow::Result<Evaluated> {
        let machine = Machine::open(machine_options(&self.reach, &self.run)?).await;
        let machine = match machine {
            Ok(machine) => machine,
            Err(MachineError::Lock(LockError::Held { .. })) => return self.request(trigger).await,
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
        end_pause(&store, trigger).await?;
        Ok(Evaluated::Requested)
    }
}

/// Ends a pause of the trigger now, unless Octopus requested the pause.
async fn end_pause<T: Table>(store: &Store<T>, trigger: &Trigger) -> anyhow::Result<()> {
    let key = PauseKey::Trigger(trigger.space.clone(), trigger.id.clone());
    let now = SystemClock.now();
    let pauses = store.pauses().await?;
    let before = pauses.into_iter().find(|(own, _)| *own == key);
    let before = before.map(|(_, state)| state);
    if let Some(throttled) = before
        .as_ref()
        .filter(|one| one.throttled && !one.is_over(now))
    {
        anyhow::bail!(
            "cannot evaluate the trigger now: Octopus is throttled until {}; it is evaluated then",
            throttled.until
        );
    }
    let state = BackOff {
        failures: before.map_or(1, |state| state.failures),
        until: now,
        reason: "requested in the console".to_owned(),
        throttled: false,
    };
    Ok(store.pause(&key, &state).await?)
}

impl Actions for LocalActions {
    type Queues = NoQueues;
    type Reader = Reader;

    async fn evaluate(&self, trigger: &Trigger) -> Result<Evaluated, ActionFailed> {
        let evaluated = self.try_evaluate(trigger).await;
        evaluated.map_err(|error| ActionFailed(format!("{error:#}")))
    }

    fn queues(&self) -> Option<&NoQueues> {
        None
    }

    fn reader(&self) -> &Reader {
        &self.reader
    }
}
