//! State that is shared by all requests.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;

use crate::faults::FaultsHandle;
use crate::strict::Strict;
use crate::world::World;

/// A recorded request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The verb.
    pub method: String,
    /// Path and query, as sent.
    pub path: String,
    /// The answered status; `None` if the connection was closed instead.
    pub status: Option<u16>,
    /// The user name of the caller; empty without a valid credential.
    pub caller: String,
}

impl Request {
    /// Method and path without the query, with every id, version and git reference as `{id}`:
    /// `GET /api/{id}/projects/{id}`.
    pub fn route(&self) -> String {
        let path = self.path.split('?').next().unwrap_or_default();
        let is_id =
            |part: &str| part.contains(|c: char| c.is_ascii_digit() || c == '%') && part != "v1";
        let parts = path
            .split('/')
            .map(|part| if is_id(part) { "{id}" } else { part });
        format!("{} {}", self.method, parts.collect::<Vec<_>>().join("/"))
    }
}

/// The server's parts. Clones share their state.
#[derive(Clone, Debug)]
pub(crate) struct App {
    world: Arc<Mutex<World>>,
    requests: Arc<Mutex<Vec<Request>>>,
    pub(crate) faults: FaultsHandle,
    pub(crate) strict: Strict,
    /// Client for feeds.
    pub(crate) http: reqwest::Client,
}

impl App {
    pub(crate) fn new(world: World, http: reqwest::Client) -> Self {
        Self {
            world: Arc::new(Mutex::new(world)),
            requests: Arc::default(),
            faults: FaultsHandle::default(),
            strict: Strict::default(),
            http,
        }
    }

    /// Locks the world. Never keep the guard across an await.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The requests so far, oldest first.
    pub(crate) fn requests(&self) -> MutexGuard<'_, Vec<Request>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records a request.
    pub(crate) fn log(&self, method: &str, path: &str, status: Option<StatusCode>, caller: &str) {
        let status = status.map(|status| status.as_u16());
        tracing::debug!(method, path, status, "request");
        self.requests().push(Request {
            method: method.to_owned(),
            path: path.to_owned(),
            status,
            caller: caller.to_owned(),
        });
    }
}
