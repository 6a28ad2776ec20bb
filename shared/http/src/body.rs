//! Reads bodies up to a limit.

use bytes::Bytes;
use reqwest::Response;

/// A body that could not be read to its end.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// The body is longer than the limit.
    #[error("the answer is longer than {limit} bytes")]
    TooLong {
        /// The limit, in bytes.
        limit: usize,
    },
    /// The body ended early.
    #[error("the answer ends early, after {read} bytes")]
    Broken {
        /// The number of bytes that were read.
        read: usize,
        source: reqwest::Error,
    },
}

/// Reads the whole body, at most `limit` bytes. A `Content-Length` above the limit is refused before the body is
/// read.
pub async fn read_capped(mut response: Response, limit: usize) -> Result<Bytes, BodyError> {
    let announced = response.content_length();
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(BodyError::TooLong { limit });
    }
    let first = chunk(&mut response, 0, limit).await?.unwrap_or_default();
    // Most bodies arrive in one chunk and need not be copied.
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

/// The next chunk of a body after `read` bytes.
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

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::{BodyError, read_capped};

    const LIMIT: usize = 6;

    /// Reads a request to its end and writes these pieces one after the other.
    async fn answer(stream: &mut TcpStream, pieces: &[&str]) {
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            request.push(stream.read_u8().await.unwrap());
        }
        for piece in pieces {
            stream.write_all(piece.as_bytes()).await.unwrap();
            stream.flush().await.unwrap();
            tokio::task::yield_now().await;
        }
    }

    async fn read(pieces: &'static [&'static str]) -> Result<Vec<u8>, BodyError> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            answer(&mut stream, pieces).await;
        };
        let client = crate::named_server_client().unwrap();
        let reading = async {
            let response = client.get(&url).send().await.unwrap();
            read_capped(response, LIMIT).await
        };
        let (body, ()) = tokio::join!(reading, server);
        body.map(Vec::from)
    }

    #[tokio::test]
    async fn body_in_chunks_is_read_whole() {
        for pieces in [
            &["HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabcdef"][..],
            &["HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc", "def"],
            &["HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n", "abcdef"],
            &["HTTP/1.1 200 OK\r\n\r\nabc", "def"],
            &[
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
                "3\r\ndef\r\n0\r\n\r\n",
            ],
        ] {
            assert_eq!(read(pieces).await.unwrap(), b"abcdef", "{pieces:?}");
        }
        for pieces in [
            &["HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"][..],
            &["HTTP/1.1 200 OK\r\n\r\n"],
        ] {
            assert_eq!(read(pieces).await.unwrap(), b"", "{pieces:?}");
        }
    }

    #[tokio::test]
    async fn body_above_limit_is_an_error() {
        for pieces in [
            &["HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n"][..],
            &["HTTP/1.1 200 OK\r\n\r\nabcdefg"],
            &["HTTP/1.1 200 OK\r\n\r\nabc", "defg"],
        ] {
            let error = read(pieces).await.unwrap_err();
            assert!(
                matches!(error, BodyError::TooLong { limit: LIMIT }),
                "{pieces:?}: {error}"
            );
        }
    }

    #[tokio::test]
    async fn body_that_ends_early_is_an_error() {
        for pieces in [
            &["HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabcde"][..],
            &["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n"],
        ] {
            let error = read(pieces).await.unwrap_err();
            assert!(
                matches!(error, BodyError::Broken { read: 5, .. }),
                "{pieces:?}: {error:?}"
            );
        }
    }

    #[tokio::test]
    async fn connection_is_reused_after_whole_body() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            for _ in 0..2 {
                answer(
                    &mut stream,
                    &["HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"],
                )
                .await;
            }
        };
        let client = crate::named_server_client().unwrap();
        let reading = async {
            for _ in 0..2 {
                let response = client.get(&url).send().await.unwrap();
                assert_eq!(&read_capped(response, LIMIT).await.unwrap()[..], b"ok");
            }
        };
        tokio::join!(reading, server);
    }
}
