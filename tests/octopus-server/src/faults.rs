//! Injected faults: a [`Fault`] applies to the next requests that match it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value};

/// A fault and the requests that it applies to.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The verb, such as `POST`; any verb when `None`.
    pub method: Option<String>,
    /// Part of the path or query, without regard to case; empty for every request.
    pub path: String,
    /// Number of requests it applies to; `u32::MAX` until [`FaultsHandle::clear`].
    pub times: u32,
    /// The kind of fault.
    pub kind: FaultKind,
}

impl Fault {
    /// One request whose path or query contains `path`.
    pub fn once(path: &str, kind: FaultKind) -> Self {
        Self {
            method: None,
            path: path.to_owned(),
            times: 1,
            kind,
        }
    }

    /// Every request whose path or query contains `path`, until the faults are cleared.
    pub fn always(path: &str, kind: FaultKind) -> Self {
        Self {
            times: u32::MAX,
            ..Self::once(path, kind)
        }
    }

    /// Restricts the fault to one method.
    pub fn on(self, method: &str) -> Self {
        Self {
            method: Some(method.to_owned()),
            ..self
        }
    }

    /// Sets the number of requests.
    pub fn times(self, times: u32) -> Self {
        Self { times, ..self }
    }
}

/// Kind of a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// This status with this body, without running the route.
    Status(u16, Body),
    /// 429, without running the route.
    TooManyRequests {
        /// `Retry-After` in seconds, or none.
        retry_after: Option<u32>,
    },
    /// Refused as in maintenance mode, without running the route.
    Maintenance,
    /// 503 as from a server that is starting, without running the route.
    Unavailable,
    /// The answer is delayed by this time.
    Latency(Duration),
    /// The connection is closed before the route runs.
    ResetBefore,
    /// The route runs, then the connection is closed before the first byte of the answer.
    ResetAfter,
    /// The route runs, then the connection is closed in the middle of the body.
    Truncated,
    /// The answer's property names are in camelCase.
    CamelCase,
    /// Properties without a value are omitted from the answer, as some servers do.
    NullsAbsent,
    /// The answer lacks every property of this name, as on a server that does not know it yet.
    Without(&'static str),
}

/// The body of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// Octopus's error document.
    Json,
    /// A page, as from a proxy.
    Html,
    /// Nothing.
    Empty,
}

/// The pending faults. Clones share their state.
#[derive(Clone, Debug, Default)]
pub struct FaultsHandle(Arc<Mutex<Vec<Fault>>>);

impl FaultsHandle {
    /// Adds a fault. The oldest matching fault applies first.
    pub fn push(&self, fault: Fault) {
        self.lock().push(fault);
    }

    /// Removes all faults.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// Whether every fault has occurred as often as requested.
    pub fn is_spent(&self) -> bool {
        self.lock().is_empty()
    }

    /// Takes the fault that applies to this request.
    pub(crate) fn take_matching(&self, method: &str, path_and_query: &str) -> Option<FaultKind> {
        let path = path_and_query.to_lowercase();
        let mut faults = self.lock();
        let index = faults.iter().position(|fault| {
            fault
                .method
                .as_deref()
                .is_none_or(|only| only.eq_ignore_ascii_case(method))
                && path.contains(&fault.path.to_lowercase())
        })?;
        let fault = &mut faults[index];
        let kind = fault.kind.clone();
        if fault.times != u32::MAX {
            fault.times = fault.times.saturating_sub(1);
        }
        if fault.times == 0 {
            faults.remove(index);
        }
        Some(kind)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Fault>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `document` with every property name in camelCase.
pub(crate) fn camel_case(document: Value) -> Value {
    let rename = |name: &str| {
        let mut chars = name.chars();
        chars.next().map_or_else(String::new, |first| {
            first.to_lowercase().chain(chars).collect()
        })
    };
    rebuild(document, &|name, value| Some((rename(&name), value)))
}

/// `document` without the properties that have no value.
pub(crate) fn without_nulls(document: Value) -> Value {
    rebuild(document, &|name, value| {
        (!value.is_null()).then_some((name, value))
    })
}

/// `document` without the properties of this name.
pub(crate) fn without(document: Value, unknown: &str) -> Value {
    rebuild(document, &|name, value| {
        (name != unknown).then_some((name, value))
    })
}

fn rebuild(document: Value, property: &dyn Fn(String, Value) -> Option<(String, Value)>) -> Value {
    match document {
        Value::Object(map) => {
            let rebuilt = map
                .into_iter()
                .filter_map(|(name, value)| property(name, rebuild(value, property)));
            Value::Object(rebuilt.collect::<Map<_, _>>())
        }
        Value::Array(list) => list
            .into_iter()
            .map(|item| rebuild(item, property))
            .collect(),
        other => other,
    }
}
