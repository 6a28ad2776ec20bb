//! The functions: invocations with a batch each, so many at once, which run out of time, and die at any
//! await.

mod handler;

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use domain::time::Span;
use domain::trigger::NativeTriggers;

use crate::faults::Fault;
use crate::hands::{Hands, Life};
use crate::sqs::Waiting;
use crate::time::Sleep;
use crate::weather::Disturbance;
use crate::world::World;

/// By how much a clock is fast that runs ahead.
const AHEAD: Span = Span::from_minutes(10);

/// The most awaits after which an invocation dies that is to die at some await.
const MOST_AWAITS: u64 = 90;

/// A function, with what the template says of it and of its queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Function {
    /// Makes rounds.
    Scheduler,
    /// Reads feeds.
    Checker,
    /// Evaluates triggers.
    Creator,
    /// Hears of pushes.
    Receiver,
}

impl Function {
    fn timeout(self) -> Span {
        Span::from_seconds(match self {
            Self::Scheduler => 60,
            Self::Checker => 120,
            Self::Creator => 300,
            Self::Receiver => 30,
        })
    }

    fn at_once(self) -> usize {
        match self {
            Self::Checker => 5,
            Self::Scheduler | Self::Creator | Self::Receiver => 2,
        }
    }

    fn batch(self) -> u64 {
        match self {
            Self::Receiver => 10,
            Self::Scheduler | Self::Checker | Self::Creator => 5,
        }
    }

    /// How long a message is hidden while it is handled.
    fn hidden(self) -> Span {
        Span::from_seconds(6 * self.timeout().as_millis() / 1_000)
    }

    /// How old an event gets before the bus gives up to deliver it.
    pub(crate) fn oldest_event(self) -> Span {
        match self {
            Self::Creator => Span::from_hours(24),
            Self::Scheduler | Self::Checker | Self::Receiver => Span::from_hours(1),
        }
    }
}

/// How an invocation ended that did not come to its end.
#[derive(Debug)]
struct Died(&'static str);

/// An invocation that lives until it is done, dies, or runs out of time.
struct Mortal<F> {
    work: Option<Pin<Box<F>>>,
    life: Rc<Life>,
    /// Polls that are left to it, if it is to die.
    awaits: Option<u64>,
    timeout: Sleep,
}

impl<F: Future + 'static> Future for Mortal<F> {
    type Output = Result<F::Output, Died>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let Some(work) = &mut this.work else {
            return Poll::Pending;
        };
        if this.awaits == Some(0) {
            this.work = None;
            return Poll::Ready(Err(Died("dies")));
        }
        this.awaits = this.awaits.map(|left| left - 1);
        if let Poll::Ready(outcome) = work.as_mut().poll(context) {
            return Poll::Ready(Ok(outcome));
        }
        if this.life.is_doomed.get() {
            this.work = None;
            return Poll::Ready(Err(Died("dies")));
        }
        if Pin::new(&mut this.timeout).poll(context).is_ready() {
            this.work = None;
            return Poll::Ready(Err(Died("runs out of time")));
        }
        Poll::Pending
    }
}

impl World {
    /// A tick.
    pub(crate) fn tick(self: &Rc<Self>) {
        let strikes = |trouble| self.weather.strikes(trouble, self.time.now());
        if strikes(Disturbance::TickLost) {
            self.tell(|| "the tick does not come".to_owned());
            return;
        }
        for _ in 0..=u64::from(strikes(Disturbance::TickTwice)) {
            let hands = self.hands(Function::Scheduler);
            let world = Rc::clone(self);
            self.rounds.set(self.rounds.get() + 1);
            self.time.spawn(async move {
                let step = hands.clone();
                let ended = world
                    .live(&hands, async move { step.schedule().await })
                    .await;
                if let Some(Err(error)) = ended {
                    world.tell(|| format!("{}: fails: {error}", hands.name()));
                }
                world.rounds.set(world.rounds.get() - 1);
            });
        }
    }

    /// Invokes the function as long as messages wait and it may run once more.
    pub(crate) fn dispatch(self: &Rc<Self>, function: Function) {
        let queue = self.queue(function);
        let at_once = self.at_once.get().unwrap_or(function.at_once());
        while queue.running.get() < at_once {
            let now = self.time.now();
            // A queue seldom hands out all that it has.
            let most = self.chance.between(1, function.batch());
            let most = usize::try_from(most).unwrap_or(1);
            let batch = queue.receive(now, most, function.hidden());
            if batch.is_empty() {
                return;
            }
            for message in &batch {
                if self.weather.strikes(Disturbance::ReceivedTwice, now) {
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
        let hands = self.hands(function);
        self.tell(|| format!("{}: starts with {} messages", hands.name(), batch.len()));
        let queue = self.queue(function);
        let ids: Vec<_> = batch.iter().map(|message| message.id).collect();
        if self.has(Fault::AcknowledgedFirst) {
            ids.iter().for_each(|id| queue.delete(*id));
        }
        let work = hands.clone();
        let ended = self
            .live(&hands, async move { work.handle(batch).await })
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

    /// Lives until it is done. Gives nothing if it died.
    async fn live<T>(
        self: &Rc<Self>,
        hands: &Hands,
        work: impl Future<Output = T> + 'static,
    ) -> Option<T> {
        let now = self.time.now();
        let dies = self.weather.strikes(Disturbance::Crash, now);
        let mortal = Mortal {
            work: Some(Box::pin(work)),
            life: Rc::clone(&hands.life),
            awaits: if self.takes_hiccup_of_creator(hands.life.function) {
                Some(3)
            } else {
                dies.then(|| self.chance.between(1, MOST_AWAITS))
            },
            timeout: self.time.sleep(hands.life.function.timeout()),
        };
        match mortal.await {
            Ok(outcome) => Some(outcome),
            Err(Died(how)) => {
                self.tell(|| format!("{}: {how}", hands.name()));
                None
            }
        }
    }

    fn hands(self: &Rc<Self>, function: Function) -> Hands {
        let number = self.invocations.replace(self.invocations.get() + 1);
        let is_ahead = self.has(Fault::ClockRunsAhead) && self.chance.per_mille(300);
        Hands {
            world: Rc::clone(self),
            life: Rc::new(Life {
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
