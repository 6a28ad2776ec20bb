//! What one machine does when the console asks for it.

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
use crate::machine::{Machine, Reader};
use crate::reach::Reach;

/// Evaluates in this process. While another one runs on the state file, that is asked to.
pub(super) struct Here {
    reach: Rc<Reach>,
    run: Run,
    reader: Reader,
}

impl Here {
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
            Err(error) if is_held(&error) => return self.ask(trigger).await,
            Err(error) => return Err(error),
        };
        let message = ask::evaluation(machine.store(), trigger, SystemClock.now()).await?;
        let report = machine.deliver_again(vec![message]).await;
        if let Some(why) = report.broken.first() {
            anyhow::bail!("the evaluation could not be finished: {why}");
        }
        let own = report
            .evaluations
            .iter()
            .rfind(|one| (&one.space, &one.trigger) == trigger.key());
        own.map(|one| Evaluated::Now(one.outcome))
            .ok_or_else(|| anyhow::anyhow!("the trigger is not run here any more"))
    }

    /// Leaves it to the process that runs on the file: a trigger whose pause is over is evaluated in its
    /// next round.
    async fn ask(&self, trigger: &Trigger) -> anyhow::Result<Evaluated> {
        let store = Store::new(self.reach.existing_state()?);
        end_pause(&store, trigger).await?;
        Ok(Evaluated::Asked)
    }
}

/// Has a pause of the trigger end now. One that Octopus asked for stands.
async fn end_pause<T: Table>(store: &Store<T>, trigger: &Trigger) -> anyhow::Result<()> {
    let key = PauseKey::Trigger(trigger.space.clone(), trigger.id.clone());
    let now = SystemClock.now();
    let pauses = store.pauses().await?;
    let before = pauses.into_iter().find(|(own, _)| *own == key);
    let before = before.map(|(_, state)| state);
    if let Some(asked) = before
        .as_ref()
        .filter(|one| one.throttled && !one.is_over(now))
    {
        anyhow::bail!(
            "Octopus asked for a pause until {}; the trigger is evaluated then",
            asked.until
        );
    }
    let state = BackOff {
        failures: before.map_or(1, |state| state.failures),
        until: now,
        reason: "asked for in the console".to_owned(),
        throttled: false,
    };
    Ok(store.pause(&key, &state).await?)
}

fn is_held(error: &anyhow::Error) -> bool {
    matches!(
        error.downcast_ref::<LockError>(),
        Some(LockError::Held { .. })
    )
}

impl Actions for Here {
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
