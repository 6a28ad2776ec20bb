//! Time and its tasks.
//!
//! Nothing here waits for real: the clock jumps from one wake-up to the next. A task only ever waits for
//! time, so between two wake-ups exactly one task runs; the order of those that are due in the same millisecond is drawn.

use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use domain::time::{Span, Timestamp};

use crate::chance::Chance;

/// 2026-06-01T00:00:00Z.
pub(crate) const START: Timestamp = Timestamp::from_millis(1_780_272_000_000);

type Task = Pin<Box<dyn Future<Output = ()>>>;

/// The clock and everything that waits for it. Clones are the same time.
#[derive(Clone)]
pub(crate) struct Time(Rc<State>);

struct State {
    now: Cell<Timestamp>,
    order: Chance,
    next: Cell<u64>,
    alarms: RefCell<BinaryHeap<Reverse<Alarm>>>,
    tasks: RefCell<BTreeMap<u64, (Task, Waker)>>,
    ready: Arc<Mutex<Vec<u64>>>,
}

impl Time {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Rc::new(State {
            now: Cell::new(START),
            order: Chance::new(seed),
            next: Cell::new(0),
            alarms: RefCell::default(),
            tasks: RefCell::default(),
            ready: Arc::default(),
        }))
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.now.get()
    }

    /// Starts a task. It is polled for the first time when time next moves.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        let id = self.count();
        let ready = Arc::clone(&self.0.ready);
        let waker = Waker::from(Arc::new(Bell { id, ready }));
        waker.wake_by_ref();
        self.0
            .tasks
            .borrow_mut()
            .insert(id, (Box::pin(task), waker));
    }

    /// Waits.
    pub(crate) fn sleep(&self, span: Span) -> Sleep {
        Sleep {
            until: self.now() + span,
            time: self.clone(),
            is_set: false,
        }
    }

    /// Runs all tasks until then.
    pub(crate) fn run_until(&self, until: Timestamp) {
        self.run_while(until, || true);
    }

    /// The same, as long as `may_continue` returns true.
    pub(crate) fn run_while(&self, until: Timestamp, may_continue: impl Fn() -> bool) {
        self.run_ready();
        while may_continue() {
            let due = |alarm: &Reverse<Alarm>| alarm.0.at <= until;
            let next = {
                let mut alarms = self.0.alarms.borrow_mut();
                if alarms.peek().is_some_and(due) {
                    alarms.pop()
                } else {
                    None
                }
            };
            let Some(Reverse(alarm)) = next else {
                self.0.now.set(self.now().max(until));
                return;
            };
            self.0.now.set(self.now().max(alarm.at));
            alarm.waker.wake();
            self.run_ready();
        }
    }

    fn run_ready(&self) {
        loop {
            let ready = self.0.ready.lock();
            let next = ready.unwrap_or_else(PoisonError::into_inner).pop();
            let Some(id) = next else { return };
            let task = self.0.tasks.borrow_mut().remove(&id);
            let Some((mut task, waker)) = task else {
                continue;
            };
            let polled = task.as_mut().poll(&mut Context::from_waker(&waker));
            if polled.is_pending() {
                self.0.tasks.borrow_mut().insert(id, (task, waker));
            }
        }
    }

    /// Drops every task, which breaks reference cycles.
    pub(crate) fn end(&self) {
        let tasks = std::mem::take(&mut *self.0.tasks.borrow_mut());
        drop(tasks);
        self.0.alarms.borrow_mut().clear();
    }

    fn count(&self) -> u64 {
        self.0.next.replace(self.0.next.get() + 1)
    }

    fn set_alarm(&self, at: Timestamp, waker: Waker) {
        let (draw, number) = (self.0.order.below(1 << 32), self.count());
        self.0.alarms.borrow_mut().push(Reverse(Alarm {
            at,
            draw,
            number,
            waker,
        }));
    }
}

/// A wake-up call, ordered by time, then as drawn.
struct Alarm {
    at: Timestamp,
    draw: u64,
    number: u64,
    waker: Waker,
}

impl Alarm {
    fn order(&self) -> (Timestamp, u64, u64) {
        (self.at, self.draw, self.number)
    }
}

impl PartialEq for Alarm {
    fn eq(&self, other: &Self) -> bool {
        self.order() == other.order()
    }
}

impl Eq for Alarm {}

impl PartialOrd for Alarm {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Alarm {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.order().cmp(&other.order())
    }
}

/// Wakes a task.
struct Bell {
    id: u64,
    ready: Arc<Mutex<Vec<u64>>>,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if !ready.contains(&self.id) {
            ready.push(self.id);
        }
    }
}

/// Ready when its time has come.
pub(crate) struct Sleep {
    time: Time,
    until: Timestamp,
    is_set: bool,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.time.now() >= self.until {
            return Poll::Ready(());
        }
        if !self.is_set {
            self.is_set = true;
            let waker = context.waker().clone();
            self.time.set_alarm(self.until, waker);
        }
        Poll::Pending
    }
}
