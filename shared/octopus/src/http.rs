//! One request and its whole answer, within limits.

use bytes::Bytes;
use engine::ports::OctopusError;
use http_client::{BodyError, read_capped};
use reqwest::header::HeaderMap;
use reqwest::{RequestBuilder, Response, StatusCode};

/// The most bytes of an answer. A page of five thousand package versions is one or two megabytes.
const MAX_BODY: usize = 16 * 1024 * 1024;
/// The most bytes of a refusal that are looked at. What comes after is cut off.
const MAX_REFUSAL: usize = 64 * 1024;

/// What a server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Lost {
    /// Nothing was sent: this program could not make the request.
    Unready(OctopusError),
    /// Nothing was sent: no connection.
    NotConnected(reqwest::Error),
    /// The request may have arrived.
    NoAnswer(reqwest::Error),
    /// The answer breaks off or exceeds [`MAX_BODY`].
    NotRead(BodyError),
}

impl From<BodyError> for Lost {
    fn from(error: BodyError) -> Self {
        Self::NotRead(error)
    }
}

impl From<OctopusError> for Lost {
    fn from(error: OctopusError) -> Self {
        Self::Unready(error)
    }
}

/// Sends the request and reads the answer to its end.
pub(crate) async fn exchange(request: RequestBuilder) -> Result<Answer, Lost> {
    let response = request.send().await.map_err(|error| {
        let error = error.without_url();
        if error.is_connect() || error.is_builder() {
            Lost::NotConnected(error)
        } else {
            Lost::NoAnswer(error)
        }
    })?;
    let status = response.status();
    let headers = response.headers().clone();
    let body = if status.is_success() {
        read_capped(response, MAX_BODY).await?
    } else {
        // A refusal is one even where its text breaks off.
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
