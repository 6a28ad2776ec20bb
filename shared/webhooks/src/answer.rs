//! The answer to a request.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};

/// An answer over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookAnswer {
    /// The status.
    pub status: u16,
    /// Headers beside the content type.
    pub headers: Vec<(&'static str, String)>,
    /// The body, JSON or empty.
    pub body: String,
}

impl WebhookAnswer {
    /// A success with this JSON.
    pub(crate) fn ok(body: impl Into<String>) -> Self {
        Self {
            status: 200,
            headers: Vec::new(),
            body: body.into(),
        }
    }

    /// The answer to an ignored request.
    pub fn ignored(reason: &str) -> Self {
        Self::ok(serde_json::json!({ "ignored": reason }).to_string())
    }

    /// The answer where the bus refuses the pushes. The sender may try again; else the schedule finds them.
    pub fn unavailable() -> Self {
        Self {
            status: 503,
            headers: vec![("retry-after", "30".to_owned())],
            body: String::new(),
        }
    }
}

impl From<WebhookAnswer> for Response<Bytes> {
    fn from(answer: WebhookAnswer) -> Self {
        let is_empty = answer.body.is_empty();
        let mut response = Self::new(Bytes::from(answer.body));
        let status = StatusCode::from_u16(answer.status);
        *response.status_mut() = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        if !is_empty {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        for (name, value) in answer.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
        response
    }
}
