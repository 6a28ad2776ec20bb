//! The fuse: crashes the process at an effect, and rejects writes of the table.

use std::cell::{Cell, RefCell};
use std::future::{Future, pending};
use std::rc::Rc;

use tokio::sync::Notify;

/// The moment of a crash, relative to an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The effect does not happen.
    Before,
    /// The effect happens, but the process does not see its result.
    After,
}

/// The process crashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crashed;

/// Every effect passes the fuse. Clones share it.
#[derive(Clone, Default)]
pub struct Fuse(Rc<State>);

#[derive(Default)]
struct State {
    effects: RefCell<Vec<String>>,
    crash_at: Cell<Option<(usize, Moment)>>,
    crash_after: Cell<Option<&'static str>>,
    blown: Notify,
    meanwhile: Cell<Option<Meanwhile>>,
    refused: Cell<Option<&'static str>>,
}

/// An action of another process.
struct Meanwhile {
    /// The beginning of the name of the effect before which it happens.
    effect: &'static str,
    something: Box<dyn FnOnce()>,
}

impl Fuse {
    /// Clears the list of effects, and crashes at the effect with this index from now on, if any.
    pub fn set(&self, crash_at: Option<(usize, Moment)>) {
        self.0.effects.borrow_mut().clear();
        self.0.crash_at.set(crash_at);
    }

    /// Crashes after the next effect whose name begins like this.
    pub fn crash_after(&self, effect: &'static str) {
        self.0.crash_after.set(Some(effect));
    }

    /// The effects since the fuse was set, in order.
    pub fn effects(&self) -> Vec<String> {
        self.0.effects.borrow().clone()
    }

    /// Runs an action of another process right before the next effect whose name begins like this, or right after the
    /// next `read the releases`.
    pub fn meanwhile(&self, effect: &'static str, something: impl FnOnce() + 'static) {
        let something = Box::new(something);
        self.0.meanwhile.set(Some(Meanwhile { effect, something }));
    }

    /// Runs the action of another process that waits for this.
    pub(crate) fn reach(&self, name: &str) {
        match self.0.meanwhile.take() {
            Some(meanwhile) if name.starts_with(meanwhile.effect) => (meanwhile.something)(),
            other => self.0.meanwhile.set(other),
        }
    }

    /// Rejects the next write whose name begins like this.
    pub fn refuse(&self, write: &'static str) {
        self.0.refused.set(Some(write));
    }

    /// Whether this write is rejected.
    pub(crate) fn refuses(&self, write: &str) -> bool {
        let refused = self.0.refused.get();
        let is_it = refused.is_some_and(|refused| write.starts_with(refused));
        if is_it {
            self.0.refused.set(None);
        }
        is_it
    }

    /// Carries out an effect, unless the process crashes before it.
    pub(crate) async fn pass<T>(&self, name: String, effect: impl Future<Output = T>) -> T {
        let index = self.0.effects.borrow().len();
        self.reach(&name);
        let crash_after = self.0.crash_after.get();
        let is_last = crash_after.is_some_and(|effect| name.starts_with(effect));
        self.0.effects.borrow_mut().push(name);
        let crash = self.0.crash_at.get().filter(|(at, _)| *at == index);
        if let Some((_, Moment::Before)) = crash {
            self.blow().await;
        }
        let outcome = effect.await;
        if is_last || matches!(crash, Some((_, Moment::After))) {
            self.0.crash_after.set(None);
            self.blow().await;
        }
        outcome
    }

    /// Runs until it is done or the process crashes.
    pub(crate) async fn live<T>(&self, life: impl Future<Output = T>) -> Result<T, Crashed> {
        tokio::select! {
            biased;
            outcome = life => Ok(outcome),
            () = self.0.blown.notified() => Err(Crashed),
        }
    }

    async fn blow(&self) {
        self.0.crash_at.set(None);
        self.0.blown.notify_one();
        pending::<()>().await;
    }
}
