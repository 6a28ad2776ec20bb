//! A stateful fake Octopus Server, for tests and demonstrations.
//!
//! It speaks Octopus's REST API over real HTTP, true enough for Octopus's own clients: spaces, projects
//! (in the database and in git), channels, lifecycles, feeds, processes and release templates, triggers,
//! releases, the audit trail. A [`seed::Seed`] describes the initial world; releases that
//! clients create are stored and can be inspected afterwards.
//!
//! As the real server does, it chooses package versions by asking the real feeds over HTTP, applies
//! channel rules and versioning strategies, and refuses with Octopus's own words. The server's version
//! decides which features it has. [`Fault`]s inject failures, [`StrictModes`] the limits of real servers.
//!
//! Not implemented: deployments (automatic ones are recorded as done), teams and roles (a user has
//! every permission except removed ones), variables with scopes, library variable sets,
//! Octostash conditionals, git repositories and process templates (both are part of the seed), and the
//! execution of triggers: the server stores them, and this project runs them.

mod answer;
mod app;
mod call;
mod connection;
mod faults;
mod features;
mod packages;
mod paging;
mod releases;
mod routes;
pub mod seed;
mod serve;
mod state;
mod strict;
mod world;

use std::net::SocketAddr;

use anyhow::Context;
use axum::Router;
use secrecy::{ExposeSecret, SecretString};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub use app::Request;
pub use faults::{Body, Fault, FaultKind, FaultsHandle};
pub use seed::Seed;
pub use state::StateHandle;
pub use strict::{RateLimit, StrictModes};
pub use world::{Release, SelectedPackage, VersionControlReference};

use app::App;
use connection::{Connections, Disconnect};

/// A running server. It stops when this is dropped.
#[derive(Debug)]
pub struct OctopusServer {
    address: SocketAddr,
    api_key: SecretString,
    app: App,
    /// `None` while the server is stopped.
    running: Option<Running>,
}

/// The listening task.
#[derive(Debug)]
struct Running {
    /// Dropped to stop.
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl OctopusServer {
    /// Starts a server on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// If a name in the seed is unknown or no port is free.
    pub async fn start(seed: Seed) -> anyhow::Result<Self> {
        Self::start_on(SocketAddr::from(([127, 0, 0, 1], 0)), seed).await
    }

    /// Starts a server on this address; port 0 for a free one.
    ///
    /// # Errors
    /// If a name in the seed is unknown or the address is in use.
    pub async fn start_on(listen: SocketAddr, seed: Seed) -> anyhow::Result<Self> {
        let world = world::build(seed).context("the seed")?;
        let api_key = world.users[0].api_keys[0].clone();
        let app = App::new(world, packages::http_client()?);
        let (address, running) = listen_on(listen, &app).await?;
        Ok(Self {
            address,
            api_key,
            app,
            running: Some(running),
        })
    }

    /// Answers the requests in progress, then stops listening. The world is kept and can be changed.
    pub async fn stop(&mut self) {
        if let Some(Running { stop, serving }) = self.running.take() {
            drop(stop);
            // The task has ended or ends now.
            let _ = serving.await;
        }
    }

    /// Listens again, on the same port and with the same world.
    ///
    /// # Errors
    /// If another process uses the port.
    pub async fn start_again(&mut self) -> anyhow::Result<()> {
        if self.running.is_none() {
            self.running = Some(listen_on(self.address, &self.app).await?.1);
        }
        Ok(())
    }

    /// The server's URL: `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A valid API key: the seed's first.
    pub fn api_key(&self) -> &str {
        self.api_key.expose_secret()
    }

    /// The world, to inspect and to change.
    pub fn state(&self) -> StateHandle {
        StateHandle(self.app.clone())
    }

    /// The injected faults.
    pub fn faults(&self) -> FaultsHandle {
        self.app.faults.clone()
    }
}

async fn listen_on(address: SocketAddr, app: &App) -> anyhow::Result<(SocketAddr, Running)> {
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("listening on {address}"))?;
    let address = listener.local_addr()?;
    let router = Router::new().fallback(serve::serve).with_state(app.clone());
    let service = router.into_make_service_with_connect_info::<Disconnect>();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = axum::serve(Connections(listener), service).with_graceful_shutdown(async {
        // The sender is never used, only dropped.
        let _ = stopped.await;
    });
    let serving = tokio::spawn(async move {
        let _ = server.await; // It never fails.
    });
    Ok((address, Running { stop, serving }))
}
