//! Strict modes: limits of real servers that a test or the command line switches on.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use tokio::time::Instant;

const LIMIT: HeaderName = HeaderName::from_static("octopus-ratelimit");
const POLICY: HeaderName = HeaderName::from_static("octopus-ratelimit-policy");

/// A rate limit for each user, as a token bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests per minute.
    pub per_minute: u32,
    /// Requests at once: the size of the bucket.
    pub burst: u32,
    /// Send `Retry-After`, in whole seconds, with 429.
    pub retry_after: bool,
    /// Send `Octopus-RateLimit` and `Octopus-RateLimit-Policy` with every answer.
    pub headers: bool,
}

impl RateLimit {
    /// A limit with as many requests at once as per minute, with `Retry-After` and without headers.
    pub fn per_minute(per_minute: u32) -> Self {
        Self {
            per_minute,
            burst: per_minute,
            retry_after: true,
            headers: false,
        }
    }
}

impl std::str::FromStr for RateLimit {
    type Err = String;

    /// Parses `200/min` or `200`.
    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.strip_suffix("/min").unwrap_or(text);
        let per_minute: u32 = number.parse().map_err(|_| {
            format!("`{text}` is not a number of requests per minute, such as 200/min")
        })?;
        if per_minute == 0 {
            return Err("the rate limit must be greater than 0".to_owned());
        }
        Ok(Self::per_minute(per_minute))
    }
}

/// The strict modes of a server. Everything is off by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StrictModes {
    /// Limits the requests of each user; more are answered with 429 and not processed.
    pub rate_limit: Option<RateLimit>,
    /// Delays every answer.
    pub latency: Duration,
    /// Version lists report the size of the page as the total, and no next page (OctopusDeploy/Issues#10216).
    pub page_sized_totals: bool,
    /// Charts in OCI registries are listed and selected by the tags of their versions, which have `_` for `+`.
    pub chart_tags: bool,
}

/// The modes and the buckets of the users. Clones share their state.
#[derive(Clone, Debug, Default)]
pub(crate) struct Strict(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    modes: StrictModes,
    buckets: BTreeMap<usize, Bucket>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl Strict {
    pub(crate) fn set(&self, modes: StrictModes) {
        *self.lock() = State {
            modes,
            buckets: BTreeMap::new(),
        };
    }

    pub(crate) fn modes(&self) -> StrictModes {
        self.lock().modes.clone()
    }

    /// Takes a token of the user.
    ///
    /// # Errors
    /// The headers of the 429 if there is none left.
    pub(crate) fn admit(&self, user: usize) -> Result<HeaderMap, HeaderMap> {
        let mut state = self.lock();
        let Some(limit) = state.modes.rate_limit else {
            return Ok(HeaderMap::new());
        };
        let now = Instant::now();
        let bucket = state.buckets.entry(user).or_insert(Bucket {
            tokens: f64::from(limit.burst),
            filled: now,
        });
        let per_second = f64::from(limit.per_minute) / 60.0;
        let added = now.duration_since(bucket.filled).as_secs_f64() * per_second;
        bucket.tokens = (bucket.tokens + added).min(f64::from(limit.burst));
        bucket.filled = now;
        let is_admitted = bucket.tokens >= 1.0;
        if is_admitted {
            bucket.tokens -= 1.0;
        }
        let mut headers = HeaderMap::new();
        if limit.headers {
            let remaining = bucket.tokens.floor();
            let full = (f64::from(limit.burst) - bucket.tokens) / per_second;
            insert(
                &mut headers,
                &LIMIT,
                format!("\"user\";r={remaining};t={}", full.ceil()),
            );
            insert(
                &mut headers,
                &POLICY,
                format!("\"user\";q={};w=60", limit.per_minute),
            );
        }
        if is_admitted {
            return Ok(headers);
        }
        if limit.retry_after {
            let wait = ((1.0 - bucket.tokens) / per_second).ceil().max(1.0);
            insert(&mut headers, &RETRY_AFTER, wait.to_string());
        }
        Err(headers)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn insert(headers: &mut HeaderMap, name: &HeaderName, value: String) {
    if let Ok(value) = HeaderValue::try_from(value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn bucket_empties_and_refills_per_user() {
        let strict = Strict::default();
        assert!(strict.admit(0).unwrap().is_empty(), "no limit by default");
        strict.set(StrictModes {
            rate_limit: Some(RateLimit {
                burst: 3,
                headers: true,
                ..RateLimit::per_minute(60)
            }),
            ..StrictModes::default()
        });
        let remaining = |headers: &HeaderMap| headers[LIMIT].to_str().unwrap().to_owned();
        let headers = strict.admit(0).unwrap();
        assert_eq!(remaining(&headers), "\"user\";r=2;t=1");
        assert_eq!(headers[POLICY], "\"user\";q=60;w=60");
        assert!(strict.admit(0).is_ok() && strict.admit(0).is_ok());
        assert_eq!(strict.admit(0).unwrap_err()[RETRY_AFTER], "1");
        assert!(strict.admit(1).is_ok(), "another user has another bucket");
        tokio::time::advance(Duration::from_millis(1_000)).await;
        assert!(strict.admit(0).is_ok());
        assert!(strict.admit(0).is_err());
    }

    #[test]
    fn rate_limit_is_parsed() {
        assert_eq!("200/min".parse(), Ok(RateLimit::per_minute(200)));
        assert_eq!("20".parse(), Ok(RateLimit::per_minute(20)));
        for text in ["", "0", "x/min", "-1"] {
            assert!(text.parse::<RateLimit>().is_err(), "{text}");
        }
    }
}
