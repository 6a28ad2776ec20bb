//! One request and its complete answer, within size limits.

use bytes::Bytes;
use engine::ports::OctopusError;
use http_client::{BodyError, read_capped};
use reqwest::header::HeaderMap;
use reqwest::{RequestBuilder, Response, StatusCode};

/// Maximum size of an answer in bytes. A page of 5,000 package versions has 1 to 2 MB.
const MAX_BODY: usize = 16 * 1024 * 1024;
/// Maximum size of a refusal in bytes; the rest is dropped.
const MAX_REFUSAL: usize = 64 * 1024;

/// An HTTP answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum NoAnswer {
    /// The request could not be built; nothing was sent.
    NotSent(OctopusError),
    /// There is no connection; nothing was sent.
    NotConnected(reqwest::Error),
    /// The connection was lost or timed out; the request may have arrived.
    Interrupted(reqwest::Error),
    /// The body is incomplete or exceeds [`MAX_BODY`].
    Body(BodyError),
}

impl From<BodyError> for NoAnswer {
    fn from(error: BodyError) -> Self {
        Self::Body(error)
    }
}

impl From<OctopusError> for NoAnswer {
    fn from(error: OctopusError) -> Self {
        Self::NotSent(error)
    }
}

/// Sends the request and reads the complete answer.
pub(crate) async fn exchange(request: RequestBuilder) -> Result<Answer, NoAnswer> {
    let response = request.send().await.map_err(|error| {
        let error = error.without_url();
        if error.is_connect() || error.is_builder() {
            NoAnswer::NotConnected(error)
        } else {
            NoAnswer::Interrupted(error)
        }
    })?;
    let status = response.status();
    let headers = response.headers().clone();
    let body = if status.is_success() {
        read_capped(response, MAX_BODY).await?
    } else {
        // The status alone is enough for a refusal, even if its body is incomplete.
        read_some(response, MAX_REFUSAL).await.into()
    };
    Ok(Answer {
        status,
        headers,
        body,
    })
}

async fn read_some(mut response: Response, most: usize) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        let room = most - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if body.len() == most {
            break;
        }
    }
    body
}
