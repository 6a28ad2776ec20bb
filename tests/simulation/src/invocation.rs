//! An invocation of a function. Every port of the engine is implemented for [`Invocation`], each in the file of its
//! service.
//!
//! Every call waits before and after its effect, so that other tasks run in between, and each side effect may crash the
//! invocation.

use std::cell::Cell;
use std::future::pending;
use std::rc::Rc;

use domain::time::{Span, Timestamp};
use engine::ports::Clock;

use crate::effects::{Call, Moment};
use crate::fault_injection::millis;
use crate::faults::Fault;
use crate::function::Function;
use crate::world::World;

/// The state of an invocation.
pub(crate) struct InvocationState {
    pub(crate) name: String,
    pub(crate) function: Function,
    /// It crashes at its next wait.
    pub(crate) is_doomed: Cell<bool>,
    /// When it began.
    pub(crate) born: Timestamp,
    /// How far its clock is ahead.
    pub(crate) ahead: Span,
}

/// An invocation: the engine's ports over the simulated services.
#[derive(Clone)]
pub(crate) struct Invocation {
    pub(crate) world: Rc<World>,
    pub(crate) state: Rc<InvocationState>,
}

impl Invocation {
    pub(crate) fn name(&self) -> &str {
        &self.state.name
    }

    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.world.has(fault)
    }

    /// Records a call of a service.
    pub(crate) fn asks(&self, call: Call) {
        self.world.effects.call(self.state.function, call);
    }

    pub(crate) async fn wait(&self, least: u64, most: u64) {
        let span = self.world.chance.between(least, most);
        self.world.time.sleep(millis(span)).await;
    }

    /// Performs a side effect, unless the invocation crashes before it.
    pub(crate) async fn act<T>(
        &self,
        name: impl FnOnce() -> String,
        effect: impl FnOnce() -> T,
    ) -> T {
        let crash = self.world.effects.next(self.state.function, name);
        if crash == Some(Moment::Before) {
            self.die().await;
        }
        let outcome = effect();
        if crash == Some(Moment::After) {
            self.die().await;
        }
        outcome
    }

    /// Never returns.
    pub(crate) async fn die(&self) {
        self.state.is_doomed.set(true);
        pending::<()>().await;
    }
}

impl Clock for Invocation {
    fn now(&self) -> Timestamp {
        let now = self.world.time.now() + self.state.ahead;
        if self.has(Fault::ClockInSeconds) {
            return Timestamp::from_millis(now.as_seconds());
        }
        now
    }
}
