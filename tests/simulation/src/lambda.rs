//! The functions: concurrent invocations with a batch each, which time out and crash at any await.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use domain::history::Evaluation;
use domain::ledger::Claimant;
use domain::time::Span;
use domain::trigger::NativeTriggers;
use engine::evaluate::{EvaluateSettings, INVOCATION_LEASE};
use engine::messages::Message;
use engine::receive::Confirmation;
use engine::schedule::{RunScope, ScheduleSettings};
use engine::steps::{Handled, Settings, Steps, at_once, in_batch_order};
use engine::{StepError, with_causes};
use store::Store;
use wire::EventBridgeEvent;

use crate::fault_injection::Disturbance;
use crate::faults::Fault;
use crate::function::Function;
use crate::invocation::{Invocation, InvocationState};
use crate::registry::{ACCOUNT, SPACE};
use crate::sqs::Waiting;
use crate::time::Sleep;
use crate::world::World;

/// How far a fast clock is ahead.
const AHEAD: Span = Span::from_minutes(10);

/// When a refresh ends, as in the scheduler function: fifteen seconds before the timeout.
const REFRESH_TIME: Span = Span::from_seconds(45);

/// The most awaits before an invocation crashes that is to crash at some await.
const MOST_AWAITS: u64 = 90;

/// The reason why an invocation did not finish.
#[derive(Debug)]
struct Died(&'static str);

/// Runs an invocation until it finishes, crashes or times out.
struct Execution<F> {
    work: Option<Pin<Box<F>>>,
    state: Rc<InvocationState>,
    /// The remaining polls, if it is to crash.
    awaits: Option<u64>,
    timeout: Sleep,
}

impl<F: Future + 'static> Future for Execution<F> {
    type Output = Result<F::Output, Died>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let Some(work) = &mut this.work else {
            return Poll::Pending;
        };
        if this.awaits == Some(0) {
            this.work = None;
            return Poll::Ready(Err(Died("crashes")));
        }
        this.awaits = this.awaits.map(|left| left - 1);
        if let Poll::Ready(outcome) = work.as_mut().poll(context) {
            return Poll::Ready(Ok(outcome));
        }
        if this.state.is_doomed.get() {
            this.work = None;
            return Poll::Ready(Err(Died("crashes")));
        }
        if Pin::new(&mut this.timeout).poll(context).is_ready() {
            this.work = None;
            return Poll::Ready(Err(Died("times out")));
        }
        Poll::Pending
    }
}

impl World {
    /// Invokes the scheduler.
    pub(crate) fn invoke_scheduler(self: &Rc<Self>) {
        let occurs = |trouble| self.fault_injection.occurs(trouble, self.time.now());
        if occurs(Disturbance::ScheduleLost) {
            self.log(|| "the schedule's event is lost".to_owned());
            return;
        }
        for _ in 0..=u64::from(occurs(Disturbance::ScheduledTwice)) {
            let invocation = self.invocation(Function::Scheduler);
            let world = Rc::clone(self);
            self.scheduler_runs.set(self.scheduler_runs.get() + 1);
            self.time.spawn(async move {
                let step = invocation.clone();
                let ended = world
                    .execute(&invocation, async move { step.schedule().await })
                    .await;
                if let Some(Err(error)) = ended {
                    world.log(|| format!("{}: fails: {error}", invocation.name()));
                }
                world.scheduler_runs.set(world.scheduler_runs.get() - 1);
            });
        }
    }

    /// Invokes the function as long as messages wait and it may run once more.
    pub(crate) fn dispatch(self: &Rc<Self>, function: Function) {
        let queue = self.queue(function);
        let at_once = self.at_once.get().unwrap_or(function.at_once());
        while queue.running.get() < at_once {
            let now = self.time.now();
            // A queue seldom returns all of its messages.
            let most = self.chance.between(1, function.batch());
            let most = usize::try_from(most).unwrap_or(1);
            let batch = queue.receive(now, most, function.hidden());
            if batch.is_empty() {
                return;
            }
            for message in &batch {
                if self.fault_injection.occurs(Disturbance::ReceivedTwice, now) {
                    queue.show(message.id, now);
                }
            }
            queue.running.set(queue.running.get() + 1);
            let world = Rc::clone(self);
            self.time
                .spawn(async move { world.invoke(function, batch).await });
        }
    }

    async fn invoke(self: Rc<Self>, function: Function, batch: Vec<Waiting>) {
        let invocation = self.invocation(function);
        self.log(|| {
            format!(
                "{}: starts with {} messages",
                invocation.name(),
                batch.len()
            )
        });
        let queue = self.queue(function);
        let ids: Vec<_> = batch.iter().map(|message| message.id).collect();
        if self.has(Fault::AcknowledgedFirst) {
            ids.iter().for_each(|id| queue.delete(*id));
        }
        let work = invocation.clone();
        let ended = self
            .execute(&invocation, async move { work.handle(batch).await })
            .await;
        let is_whole = self.has(Fault::BatchAcknowledgedWhole);
        let failed = match ended {
            Some(_) if is_whole => Vec::new(),
            Some(failed) => failed,
            None => ids.clone(),
        };
        for id in ids.iter().filter(|id| !failed.contains(id)) {
            queue.delete(*id);
        }
        queue.running.set(queue.running.get() - 1);
        self.dispatch(function);
        if !failed.is_empty() {
            let world = Rc::clone(&self);
            self.time.spawn(async move {
                world.time.sleep(function.hidden()).await;
                world.dispatch(function);
            });
        }
    }

    /// Runs the invocation; `None` if it crashed or timed out.
    async fn execute<T>(
        self: &Rc<Self>,
        invocation: &Invocation,
        work: impl Future<Output = T> + 'static,
    ) -> Option<T> {
        let now = self.time.now();
        let dies = self.fault_injection.occurs(Disturbance::Crash, now);
        let mortal = Execution {
            work: Some(Box::pin(work)),
            state: Rc::clone(&invocation.state),
            awaits: if self.crashes_creator_once(invocation.state.function) {
                Some(3)
            } else {
                dies.then(|| self.chance.between(1, MOST_AWAITS))
            },
            timeout: self.time.sleep(invocation.state.function.timeout()),
        };
        match mortal.await {
            Ok(outcome) => Some(outcome),
            Err(Died(how)) => {
                self.log(|| format!("{}: {how}", invocation.name()));
                None
            }
        }
    }

    fn invocation(self: &Rc<Self>, function: Function) -> Invocation {
        let number = self.invocations.replace(self.invocations.get() + 1);
        let is_ahead = self.has(Fault::ClockRunsAhead) && self.chance.per_mille(300);
        Invocation {
            world: Rc::clone(self),
            state: Rc::new(InvocationState {
                name: format!("{function:?} {number}"),
                function,
                is_doomed: false.into(),
                ahead: if is_ahead { AHEAD } else { Span::default() },
                born: self.time.now(),
            }),
        }
    }

    fn native(&self) -> NativeTriggers {
        if self.has(Fault::OthersTriggersRun) {
            NativeTriggers::Enabled
        } else {
            NativeTriggers::Marked
        }
    }
}

/// The steps of an invocation.
type InvocationSteps<'a> =
    Steps<'a, Store<Invocation, Invocation>, Invocation, Invocation, Invocation, Invocation>;

/// A message with the id that its queue has for it.
type Received = (u64, Message);

impl Invocation {
    /// Carries out a scheduler run.
    async fn schedule(&self) -> Result<(), String> {
        let store = self.store();
        let settings = self.settings();
        let world = &self.world;
        let deadline = world.time.sleep(REFRESH_TIME);
        // Another run may complete the list during this one.
        let was_complete = world.is_list_complete.get();
        let steps = self.steps(&store, &settings);
        match steps.schedule(RunScope::Due, deadline).await {
            Ok(report) => {
                world.judge_list(&report, was_complete);
                Ok(())
            }
            Err(error) => Err(with_causes(&error)),
        }
    }

    /// Handles a batch. Returns the messages that failed.
    async fn handle(&self, batch: Vec<Waiting>) -> Vec<u64> {
        let store = self.store();
        let settings = self.settings();
        let steps = self.steps(&store, &settings);
        if self.state.function == Function::Receiver {
            let outcomes = at_once(batch, async |waiting| {
                let event = EventBridgeEvent::parse(&waiting.body).ok()?;
                self.failed(waiting.id, self.receive(&steps, event).await)
            });
            return outcomes.await.into_iter().flatten().collect();
        }
        let received = batch.into_iter().filter_map(|one| self.parsed(&one));
        let received: Vec<Received> = received.collect();
        let outcomes = in_batch_order(
            received,
            |(_, message)| &message.event,
            async |(id, message)| {
                let handled = steps.handle(&message).await;
                if let Ok(Handled::Evaluated(evaluations)) = &handled {
                    evaluations.iter().for_each(|one| self.log_outcome(one));
                }
                self.failed(id, handled)
            },
        );
        outcomes.await.into_iter().flatten().collect()
    }

    /// Handles a push, as the push receiver does.
    async fn receive(
        &self,
        steps: &InvocationSteps<'_>,
        event: EventBridgeEvent,
    ) -> Result<(), StepError> {
        let mut again = event.clone();
        // Deletions and pushes without a tag are not for this program.
        let Ok(push) = event.push() else {
            return Ok(());
        };
        let received = steps.receive(&push, &again.id, again.earlier_checks);
        let confirmation = received.await?;
        let Confirmation::Handled {
            again_after: Some(pause),
            ..
        } = confirmation
        else {
            return Ok(());
        };
        if !self.has(Fault::FurtherChecksNeverEnd) {
            again.earlier_checks += 1;
        }
        let body = again.body().unwrap_or_default();
        let name = || "return the push to its queue".to_owned();
        self.act(name, || self.world.check_again(body, pause)).await;
        Ok(())
    }

    /// The store of a warm function: it keeps the decoded watch list between invocations.
    fn store(&self) -> Store<Self, Self> {
        let list_cache = self.world.list_cache(self.state.function);
        Store::with_clock(self.clone(), self.clone()).with_list_cache(list_cache)
    }

    fn parsed(&self, waiting: &Waiting) -> Option<Received> {
        let message = EventBridgeEvent::parse(&waiting.body).and_then(|event| event.message());
        if message.is_err() {
            self.world
                .violated(|| "a message cannot be read".to_owned());
        }
        Some((waiting.id, message.ok()?))
    }

    /// The id of a message that failed.
    fn failed<T>(&self, id: u64, outcome: Result<T, StepError>) -> Option<u64> {
        let error = outcome.err()?;
        self.world
            .log(|| format!("{}: fails: {}", self.name(), with_causes(&error)));
        Some(id)
    }

    fn steps<'a>(
        &'a self,
        store: &'a Store<Self, Self>,
        settings: &'a Settings,
    ) -> InvocationSteps<'a> {
        Steps {
            store,
            octopus: self,
            reader: self,
            bus: self,
            clock: self,
            settings,
        }
    }

    /// The settings of the shipped functions, with the planted mistakes.
    fn settings(&self) -> Settings {
        let native = self.world.native();
        let check_every = self.world.check_every.get();
        let evaluate = EvaluateSettings::for_invocation(self.name(), native, false);
        Settings {
            schedule: ScheduleSettings {
                spaces: vec![SPACE.to_owned()],
                native,
                check_every: if self.has(Fault::IntervalInHours) {
                    Span::from_minutes(60 * check_every.as_millis() / 60_000)
                } else {
                    check_every
                },
                refresh_every: if self.has(Fault::WatchListNeverRead) {
                    Span::from_days(30)
                } else {
                    Span::from_minutes(5)
                },
            },
            evaluate: EvaluateSettings {
                claimant: Claimant {
                    is_alone: self.has(Fault::TakeoverWhileOwnerRuns),
                    ..evaluate.claimant
                },
                lease: if self.has(Fault::LeaseInMilliseconds) {
                    Span::from_millis(INVOCATION_LEASE.as_millis() / 1_000)
                } else {
                    evaluate.lease
                },
                ..evaluate
            },
            own_account: ACCOUNT.to_owned(),
        }
    }

    fn log_outcome(&self, evaluation: &Evaluation) {
        self.world.log(|| {
            format!(
                "{}: {} ({}) is {}: {}",
                self.name(),
                evaluation.trigger_name,
                evaluation.cause,
                evaluation.outcome,
                evaluation.reason
            )
        });
    }
}
