//! Requests and answers, and what answers them.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hyper::header::HeaderMap;
use hyper::{Method, StatusCode};

/// A request, as far as a handler needs it.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    /// Path and query as sent.
    pub(crate) target: String,
    /// The body, up to a limit.
    pub(crate) body: Vec<u8>,
}

/// A whole answer.
#[derive(Clone, Default)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// Answers requests.
pub(crate) trait Handler: Send + Sync + 'static {
    fn answer(&self, request: &Request) -> Answer;
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
            .retain(|(present, _)| !present.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub(crate) fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }
}
