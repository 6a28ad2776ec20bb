//! The state that a server shares with its connections: the handler, the log of requests and the faults.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hyper::header::AUTHORIZATION;

use crate::exchange::{Answer, Handler, Request};
use crate::fault::{Fault, FaultKind};

/// A request as the log shows it: method, path and query, whether an `Authorization` came with it.
pub(crate) type Logged = (String, String, bool);

/// The state that a server shares with its connections.
pub(crate) struct ServerState {
    pub(crate) handler: Arc<dyn Handler>,
    pub(crate) log: Mutex<Vec<Logged>>,
    pub(crate) faults: Mutex<Vec<Fault>>,
}

impl ServerState {
    /// Logs the request; returns the right answer and the fault to inject, if any.
    pub(crate) fn receive(&self, request: &Request) -> (Answer, Option<FaultKind>) {
        let authorized = request.headers.contains_key(AUTHORIZATION);
        lock(&self.log).push((
            request.method.to_string(),
            request.target.clone(),
            authorized,
        ));
        (
            self.handler.answer(request),
            self.next_fault(&request.target),
        )
    }

    /// The right answer to another request than the one that came.
    pub(crate) fn answer(&self, request: &Request) -> Answer {
        self.handler.answer(request)
    }

    fn next_fault(&self, target: &str) -> Option<FaultKind> {
        let mut faults = lock(&self.faults);
        let fault = faults
            .iter_mut()
            .find(|fault| fault.times > 0 && target.contains(&fault.path))?;
        fault.times = fault
            .times
            .saturating_sub(usize::from(fault.times != usize::MAX));
        Some(fault.kind.clone())
    }
}

/// A test that panics while it holds a lock has failed already.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
