//! What the registry and the repository share: a port, a log of requests, faults, Basic authentication.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hyper::header::{AUTHORIZATION, HeaderMap};
use hyper::{Method, StatusCode};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::connection;
use crate::fault::{Fault, FaultKind};

/// A request, as far as a handler needs it.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    /// Path and query as sent.
    pub(crate) target: String,
    /// What came with it, up to a limit.
    pub(crate) body: Vec<u8>,
}

/// A whole answer.
#[derive(Clone, Default)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// What answers requests.
pub(crate) trait Handler: Send + Sync + 'static {
    fn answer(&self, request: &Request) -> Answer;
}

/// A request as the log shows it: method, path and query, whether an `Authorization` came with it.
pub(crate) type Logged = (String, String, bool);

/// What the connections and the owner of a server both see.
pub(crate) struct Desk {
    handler: Arc<dyn Handler>,
    log: Mutex<Vec<Logged>>,
    faults: Mutex<Vec<Fault>>,
}

/// A server on a loopback port, until it is dropped.
pub(crate) struct Server {
    address: SocketAddr,
    desk: Arc<Desk>,
    listening: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start(handler: Arc<dyn Handler>) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let desk = Arc::new(Desk {
            handler,
            log: Mutex::default(),
            faults: Mutex::default(),
        });
        let listening = tokio::spawn(connection::listen(listener, Arc::clone(&desk)));
        Ok(Self {
            address,
            desk,
            listening,
        })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn fault(&self, fault: Fault) {
        lock(&self.desk.faults).push(fault);
    }

    pub(crate) fn clear_faults(&self) {
        lock(&self.desk.faults).clear();
    }

    pub(crate) fn requests(&self) -> Vec<Logged> {
        lock(&self.desk.log).clone()
    }

    pub(crate) fn clear_requests(&self) {
        lock(&self.desk.log).clear();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Desk {
    /// Notes the request, answers it rightly, and says which fault is to befall the answer.
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

impl Request {
    /// A parameter of the query.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters(name).next()
    }

    /// All parameters of the query with this name.
    pub(crate) fn parameters<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        let named = self.query.iter().filter(move |(key, _)| key == name);
        named.map(|(_, value)| value.as_str())
    }

    /// A field of the form that came with it.
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        url::form_urlencoded::parse(&self.body)
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether the request carries this user and password.
    pub(crate) fn is_from(&self, user: &(String, String)) -> bool {
        let (name, password) = user;
        let expected = format!(
            "Basic {}",
            BASE64_STANDARD.encode(format!("{name}:{password}"))
        );
        self.header("authorization") == Some(expected.as_str())
    }
}

impl Answer {
    pub(crate) fn body(content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            body: body.into(),
            ..Self::default()
        }
        .with("Content-Type", content_type)
    }

    pub(crate) fn json(value: &serde_json::Value) -> Self {
        Self::body("application/json", value.to_string())
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers
            .retain(|(held, _)| !held.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub(crate) fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }
}

/// A test that panics while it holds a lock has failed already.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
