//! What every request has at hand.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;

use crate::faults::FaultsHandle;
use crate::world::World;

/// A request that was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The verb.
    pub method: String,
    /// Path and query, as sent.
    pub path: String,
    /// The status that was answered; `None` where the connection was closed instead.
    pub status: Option<u16>,
}

/// The server's parts. Clones are the same server.
#[derive(Clone, Debug)]
pub(crate) struct App {
    world: Arc<Mutex<World>>,
    requests: Arc<Mutex<Vec<Request>>>,
    pub(crate) faults: FaultsHandle,
    /// Asks feeds.
    pub(crate) http: reqwest::Client,
}

impl App {
    pub(crate) fn new(world: World, http: reqwest::Client) -> Self {
        Self {
            world: Arc::new(Mutex::new(world)),
            requests: Arc::default(),
            faults: FaultsHandle::default(),
            http,
        }
    }

    /// The world, for as long as the guard lives; never across an await.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The requests so far, oldest first.
    pub(crate) fn requests(&self) -> MutexGuard<'_, Vec<Request>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a request down.
    pub(crate) fn log(&self, method: &str, path: &str, status: Option<StatusCode>) {
        let status = status.map(|status| status.as_u16());
        tracing::debug!(method, path, status, "request");
        self.requests().push(Request {
            method: method.to_owned(),
            path: path.to_owned(),
            status,
        });
    }
}
