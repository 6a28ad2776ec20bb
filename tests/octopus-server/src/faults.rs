//! Misbehaviour on demand: a [`Fault`] meets the next requests that match it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value};

/// One kind of misbehaviour, for so many requests.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The verb, such as `POST`; any verb when `None`.
    pub method: Option<String>,
    /// Part of the path or query, without regard to case; empty for every request.
    pub path: String,
    /// How many requests it meets; `u32::MAX` until [`FaultsHandle::clear`].
    pub times: u32,
    /// What happens to them.
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

    /// The same for one verb only.
    pub fn on(self, method: &str) -> Self {
        Self {
            method: Some(method.to_owned()),
            ..self
        }
    }

    /// The same for so many requests.
    pub fn times(self, times: u32) -> Self {
        Self { times, ..self }
    }
}

/// What a fault does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// This status with such a body; nothing is done.
    Status(u16, Body),
    /// 429; nothing is done.
    TooManyRequests {
        /// `Retry-After` in seconds, or none.
        retry_after: Option<u32>,
    },
    /// Refused as in maintenance mode; nothing is done.
    Maintenance,
    /// 503 as from a server that is starting; nothing is done.
    Unavailable,
    /// The answer comes this much later.
    Latency(Duration),
    /// The connection is closed; nothing is done.
    ResetBefore,
    /// All is done, then the connection is closed before a byte of the answer.
    ResetAfter,
    /// All is done, then the connection is closed in the middle of the body.
    Truncated,
    /// The answer's property names are in camelCase.
    CamelCase,
    /// Properties without a value are left out of the answer, as some servers do.
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

/// The faults that are still to come. Clones are the same.
#[derive(Clone, Debug, Default)]
pub struct FaultsHandle(Arc<Mutex<Vec<Fault>>>);

impl FaultsHandle {
    /// Adds a fault. Of several that match, the oldest goes first.
    pub fn push(&self, fault: Fault) {
        self.lock().push(fault);
    }

    /// Forgets all faults.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// Whether every fault has happened as often as it was to.
    pub fn is_spent(&self) -> bool {
        self.lock().is_empty()
    }

    /// Takes the fault that meets this request.
    pub(crate) fn meet(&self, method: &str, path_and_query: &str) -> Option<FaultKind> {
        let path = path_and_query.to_lowercase();
        let mut faults = self.lock();
        let index = faults.iter().position(|fault| {
            fault
                .method
                .as_deref()
                .is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
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
        let mut letters = name.chars();
        letters.next().map_or_else(String::new, |first| {
            first.to_lowercase().chain(letters).collect()
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
