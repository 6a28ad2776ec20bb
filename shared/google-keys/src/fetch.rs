//! One fetch of the keys.

use std::time::Duration;

use domain::time::Span;
use http::HeaderMap;
use http::header::CACHE_CONTROL;
use http_client::{BodyError, ClientError, named_server_client, read_capped};
use webhooks::{JwtKeys, JwtKeysError};

/// The time limit of a fetch. Pub/Sub waits ten seconds for the answer to a push, and then repeats it.
const TIME_LIMIT: Duration = Duration::from_secs(3);

/// The largest answer, in bytes. Google's has about 1.5 KB.
const LARGEST: usize = 64 * 1024;

/// Keys, and how long they may be kept.
#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) keys: JwtKeys,
    pub(crate) max_age: Span,
}

/// The keys could not be fetched.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    #[error("cannot create an HTTP client")]
    Client(#[from] ClientError),
    #[error("cannot reach the server of the keys; the function needs access to the internet")]
    Unreachable(#[from] reqwest::Error),
    #[error("cannot read the keys: the server answered {0}")]
    Status(u16),
    #[error("cannot read the answer with the keys")]
    Body(#[from] BodyError),
    #[error(transparent)]
    Keys(#[from] JwtKeysError),
}

/// Fetches the keys. Redirects are not followed.
pub(crate) async fn fetch(address: &str) -> Result<Fetched, FetchError> {
    let request = named_server_client()?.get(address).timeout(TIME_LIMIT);
    let response = request.send().await?;
    if !response.status().is_success() {
        return Err(FetchError::Status(response.status().as_u16()));
    }
    let max_age = max_age(response.headers());
    let body = read_capped(response, LARGEST).await?;
    let keys = JwtKeys::parse(&String::from_utf8_lossy(&body))?;
    Ok(Fetched { keys, max_age })
}

/// `max-age` of `Cache-Control`; none is zero.
fn max_age(headers: &HeaderMap) -> Span {
    let value = headers
        .get(CACHE_CONTROL)
        .and_then(|value| value.to_str().ok());
    let directives = value.unwrap_or_default().split(',');
    let mut ages = directives.filter_map(|one| one.trim().strip_prefix("max-age=")?.parse().ok());
    Span::from_seconds(ages.next().map_or(0, |seconds: u32| seconds.into()))
}
