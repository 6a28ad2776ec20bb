//! A server on a loopback port: the part that the registry and the repository share.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::connection;
use crate::exchange::Handler;
use crate::fault::Fault;
use crate::server_state::{Logged, ServerState, lock};

/// A server on a loopback port, until it is dropped.
pub(crate) struct Server {
    address: SocketAddr,
    state: Arc<ServerState>,
    listening: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start(handler: Arc<dyn Handler>) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(ServerState {
            handler,
            log: Mutex::default(),
            faults: Mutex::default(),
        });
        let listening = tokio::spawn(connection::listen(listener, Arc::clone(&state)));
        Ok(Self {
            address,
            state,
            listening,
        })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn fault(&self, fault: Fault) {
        lock(&self.state.faults).push(fault);
    }

    pub(crate) fn clear_faults(&self) {
        lock(&self.state.faults).clear();
    }

    pub(crate) fn requests(&self) -> Vec<Logged> {
        lock(&self.state.log).clone()
    }

    pub(crate) fn clear_requests(&self) {
        lock(&self.state.log).clear();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.listening.abort();
    }
}
