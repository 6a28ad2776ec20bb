//! Bodies, up to a limit.

use bytes::Bytes;
use reqwest::Response;

/// A body that could not be read to its end.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// It is longer than it may be. What was read is thrown away.
    #[error("the answer is longer than {limit} bytes")]
    TooLong {
        /// The limit, in bytes.
        limit: usize,
    },
    /// It broke off.
    #[error("the answer breaks off after {read} bytes")]
    Broken {
        /// How much had come.
        read: usize,
        /// Why.
        source: reqwest::Error,
    },
}

/// Reads the whole body, of at most `limit` bytes. A length that is announced and too long is refused
/// before anything is read.
pub async fn read_capped(mut response: Response, limit: usize) -> Result<Bytes, BodyError> {
    let announced = response.content_length();
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(BodyError::TooLong { limit });
    }
    let first = chunk(&mut response, 0, limit).await?.unwrap_or_default();
    // Most bodies come in one piece, and need not be copied.
    if announced == Some(first.len() as u64) {
        return Ok(first);
    }
    let announced = announced.and_then(|length| usize::try_from(length).ok());
    let mut body = Vec::with_capacity(announced.unwrap_or(0));
    body.extend_from_slice(&first);
    while let Some(chunk) = chunk(&mut response, body.len(), limit).await? {
        body.extend_from_slice(&chunk);
    }
    Ok(body.into())
}

/// The next piece of a body of which so many bytes have come.
async fn chunk(
    response: &mut Response,
    read: usize,
    limit: usize,
) -> Result<Option<Bytes>, BodyError> {
    let chunk = response.chunk().await.map_err(|error| BodyError::Broken {
        read,
        source: error.without_url(),
    })?;
    match chunk {
        Some(chunk) if read + chunk.len() > limit => Err(BodyError::TooLong { limit }),
        chunk => Ok(chunk),
    }
}
