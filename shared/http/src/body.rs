//! Bodies, up to a limit.

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
pub async fn read_capped(mut response: Response, limit: usize) -> Result<Vec<u8>, BodyError> {
    let announced = response.content_length().unwrap_or(0);
    if announced > limit as u64 {
        return Err(BodyError::TooLong { limit });
    }
    let mut body = Vec::with_capacity(usize::try_from(announced).unwrap_or(0));
    loop {
        let chunk = response.chunk().await.map_err(|error| BodyError::Broken {
            read: body.len(),
            source: error.without_url(),
        })?;
        let Some(chunk) = chunk else { return Ok(body) };
        if body.len() + chunk.len() > limit {
            return Err(BodyError::TooLong { limit });
        }
        body.extend_from_slice(&chunk);
    }
}
