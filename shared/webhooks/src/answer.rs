//! The answer to a request.

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
