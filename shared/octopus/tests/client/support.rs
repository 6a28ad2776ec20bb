//! A scripted server that records its requests.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use octopus::{FixedKey, OctopusClient};
use octopus_server::{OctopusServer, Seed};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};

pub(crate) const KEY: &str = "API-TESTKEY";

#[derive(Clone)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Reply {
    pub(crate) fn new(status: u16, body: impl Into<String>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
        }
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

impl From<Value> for Reply {
    fn from(document: Value) -> Self {
        Self::new(200, document.to_string())
    }
}

/// A recorded request.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// `GET /path?query`, in the encoding of the client.
    pub(crate) line: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn key(&self) -> Option<&str> {
        self.headers
            .get("X-Octopus-ApiKey")
            .map(|key| key.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

type Answers = Vec<(String, VecDeque<Reply>)>;

#[derive(Clone, Default)]
pub(crate) struct Script {
    url: String,
    answers: Arc<Mutex<Answers>>,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Script {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let script = Self {
            url,
            ..Self::default()
        };
        let router = Router::new().fallback(answer).with_state(script.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        script
    }

    /// Sets the answer to a request line. Several answers to one line are returned in order, the last one
    /// repeatedly.
    pub(crate) fn on(&self, line: &str, reply: impl Into<Reply>) -> &Self {
        let mut answers = self.answers.lock().unwrap();
        match answers.iter_mut().find(|(known, _)| known == line) {
            Some((_, replies)) => replies.push_back(reply.into()),
            None => answers.push((line.to_owned(), VecDeque::from([reply.into()]))),
        }
        self
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn client(&self) -> OctopusClient<FixedKey> {
        client(&self.url)
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.requests()
            .into_iter()
            .map(|request| request.line)
            .collect()
    }
}

/// Starts the fake server with this seed, and a client of it.
pub(crate) async fn fake_server(world: &str) -> (OctopusServer, OctopusClient<FixedKey>) {
    let server = OctopusServer::start(Seed::from_yaml(world).unwrap())
        .await
        .unwrap();
    let client = client_of(&server);
    (server, client)
}

/// A client of a fake server.
pub(crate) fn client_of(server: &OctopusServer) -> OctopusClient<FixedKey> {
    OctopusClient::connect(&server.url(), FixedKey::new(server.api_key())).unwrap()
}

pub(crate) fn client(url: &str) -> OctopusClient<FixedKey> {
    OctopusClient::connect(url, FixedKey::new(KEY)).unwrap()
}

async fn answer(
    State(script): State<Script>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, HeaderMap, String) {
    let line = format!("{method} {}", uri.path_and_query().unwrap());
    let request = Request {
        line: line.clone(),
        headers,
        body: body.to_vec(),
    };
    script.requests.lock().unwrap().push(request);
    let mut answers = script.answers.lock().unwrap();
    let reply = match answers.iter_mut().find(|(known, _)| *known == line) {
        Some((_, replies)) if replies.len() > 1 => replies.pop_front().unwrap(),
        Some((_, replies)) => replies[0].clone(),
        None => Reply::new(
            404,
            json!({"ErrorMessage": format!("no answer to {line}")}).to_string(),
        ),
    };
    let mut headers = HeaderMap::new();
    for (name, value) in reply.headers {
        headers.append(name, value.parse().unwrap());
    }
    (
        StatusCode::from_u16(reply.status).unwrap(),
        headers,
        reply.body,
    )
}

/// A list on one page, without links.
pub(crate) fn page(items: Value) -> Value {
    let total = items.as_array().unwrap().len();
    let mut page = json!({"TotalResults": total, "Links": {}});
    page["Items"] = items;
    page
}

/// Reads one packet.
pub(crate) async fn receive(connection: &mut TcpStream) {
    let read = connection.read(&mut [0; 4096]).await.unwrap();
    assert!(read > 0);
}

/// A document from Octopus's API reference.
macro_rules! fixture {
    ($name:literal) => {
        serde_json::from_str::<serde_json::Value>(include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/client/fixtures/",
            $name,
            ".json"
        )))
        .unwrap()
    };
}
pub(crate) use fixture;
