//! What an invocation reaches the world by: every port of the engine is implemented for [`Hands`], each in
//! the file of the service behind it.
//!
//! Every call waits before and after its effect, so that anything may happen in between, and each side
//! effect passes a place at which the invocation can be made to die.

use std::cell::Cell;
use std::future::pending;
use std::rc::Rc;

use domain::time::{Span, Timestamp};
use engine::ports::Clock;

use crate::effects::Call;
use crate::faults::Fault;
use crate::lambda::Function;
use crate::weather::millis;
use crate::world::World;

/// The side of an effect on which an invocation dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The effect does not happen.
    Before,
    /// The effect happens, and nobody learns of it.
    After,
}

/// One invocation's life.
pub(crate) struct Life {
    pub(crate) name: String,
    pub(crate) function: Function,
    /// It dies when it waits next.
    pub(crate) is_doomed: Cell<bool>,
    /// When it began.
    pub(crate) born: Timestamp,
    /// By how much its clock is fast.
    pub(crate) ahead: Span,
}

/// What an invocation reaches the world by.
#[derive(Clone)]
pub(crate) struct Hands {
    pub(crate) world: Rc<World>,
    pub(crate) life: Rc<Life>,
}

impl Hands {
    pub(crate) fn name(&self) -> &str {
        &self.life.name
    }

    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.world.has(fault)
    }

    /// Notes what the function asks a service for.
    pub(crate) fn asks(&self, call: Call) {
        self.world.effects.call(self.life.function, call);
    }

    pub(crate) async fn wait(&self, least: u64, most: u64) {
        let span = self.world.chance.between(least, most);
        self.world.time.sleep(millis(span)).await;
    }

    /// Carries out a side effect, unless the invocation is to die before it.
    pub(crate) async fn act<T>(
        &self,
        name: impl FnOnce() -> String,
        effect: impl FnOnce() -> T,
    ) -> T {
        let crash = self.world.effects.next(self.life.function, name);
        if crash == Some(Moment::Before) {
            self.die().await;
        }
        let outcome = effect();
        if crash == Some(Moment::After) {
            self.die().await;
        }
        outcome
    }

    /// Never goes on from here.
    pub(crate) async fn die(&self) {
        self.life.is_doomed.set(true);
        pending::<()>().await;
    }
}

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        let now = self.world.time.now() + self.life.ahead;
        if self.has(Fault::ClockInSeconds) {
            return Timestamp::from_millis(now.as_seconds());
        }
        now
    }
}
