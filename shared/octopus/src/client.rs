//! The client: authentication, timeouts, redirects, and the retry of reads.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use engine::ports::OctopusError;
use http_client::{BodyError, Redactor, from_json};
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderName, HeaderValue, LOCATION, USER_AGENT};
use reqwest::{Method, RequestBuilder, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::OnceCell;
use url::Url;

use crate::address::Address;
use crate::call::Call;
use crate::chart_tags::ChartTags;
use crate::error;
use crate::http::{Answer, NoAnswer, exchange};
use crate::keys::ApiKeys;
use crate::precedence;
use crate::rate_limit::{RateLimiter, SharedLimiter};
use crate::refusal::refusal;
use crate::server_version::ServerVersion;
use crate::snapshot_cache::SnapshotCache;

const API_KEY: HeaderName = HeaderName::from_static("x-octopus-apikey");
/// Prefix of an access token in the `Authorization` header.
const BEARER: &str = "Bearer ";
/// Delay before the second and last attempt of a read.
const RETRY_PAUSE: Duration = Duration::from_millis(250);
/// Longest wait inside a call for the rate limit. Longer waits are errors with the remaining time.
const MAX_THROTTLE_WAIT: Duration = Duration::from_secs(15);
/// More redirects than this count as a loop.
const MAX_REDIRECTS: usize = 3;

/// Time limits of calls, each from the first byte sent to the last byte received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// A read of a document that Octopus stores itself. Default: 30 seconds.
    pub read: Duration,
    /// A page of a feed's versions, which Octopus fetches from the feed. Default: 120 seconds.
    pub versions: Duration,
    /// All packages of one read of a feed. Default: 10 minutes. Packages not read by then are errors; the
    /// others keep their result.
    pub whole_read: Duration,
    /// Creation of a release, for which Octopus may query many feeds. Default: 600 seconds, as in Octopus's
    /// own clients. Must be shorter than the timeout of the Lambda function that calls it.
    pub create: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            read: Duration::from_secs(30),
            versions: Duration::from_secs(120),
            whole_read: Duration::from_secs(600),
            create: Duration::from_secs(600),
        }
    }
}

/// A client of one Octopus Server.
#[derive(Debug)]
pub struct OctopusClient<K> {
    http: reqwest::Client,
    keys: K,
    /// Removes the key from answers: servers and proxies may echo it.
    redactor: Redactor,
    user_agent: String,
    pub(crate) address: Address,
    pub(crate) timeouts: Timeouts,
    pub(crate) version: OnceCell<ServerVersion>,
    limiter: RateLimiter,
    pub(crate) chart_tags: ChartTags,
    pub(crate) snapshots: SnapshotCache,
}

impl<K: ApiKeys> OctopusClient<K> {
    /// Creates a client of the server at this URL, including the virtual directory if there is one.
    ///
    /// # Errors
    /// [`OctopusErrorKind::Invalid`](engine::ports::OctopusErrorKind::Invalid) if the URL, or the certificate
    /// file named by the environment, is unusable.
    pub fn connect(server: &str, keys: K) -> Result<Self, OctopusError> {
        let http = http_client::named_server_client().map_err(error::no_client)?;
        Self::new(http, server, keys)
    }

    /// Creates a client over another HTTP client.
    ///
    /// `http` must not follow redirects, because it would forward the API key. This client follows redirects
    /// within the server and reports all others as errors.
    ///
    /// # Errors
    /// [`OctopusErrorKind::Invalid`](engine::ports::OctopusErrorKind::Invalid) if the URL is unusable.
    pub fn new(http: reqwest::Client, server: &str, keys: K) -> Result<Self, OctopusError> {
        let user_agent = format!(
            "feed-triggers/{} ({}; {}) rust/reqwest",
            env!("CARGO_PKG_VERSION"),
            std::env::consts::OS,
            std::env::consts::ARCH
        );
        let address = Address::parse(server)?;
        let timeouts = Timeouts::default();
        Ok(Self {
            http,
            keys,
            redactor: Redactor::default(),
            user_agent,
            address,
            timeouts,
            version: OnceCell::new(),
            limiter: RateLimiter::default(),
            chart_tags: ChartTags::default(),
            snapshots: SnapshotCache::default(),
        })
    }

    /// Disables the rate limiter, which measures real time, for hosts that run on simulated time.
    pub fn without_rate_limiter(self) -> Self {
        Self {
            limiter: RateLimiter::off(),
            ..self
        }
    }

    /// Shares the rate limiter with other clients of the same key.
    pub fn with_shared_limiter(self, limiter: impl SharedLimiter + 'static) -> Self {
        Self {
            limiter: RateLimiter::sharing(Box::new(limiter)),
            ..self
        }
    }

    /// The requests per minute that the server allows the key's user, if it has shown a limit.
    pub(crate) fn allowance(&self) -> Option<u32> {
        self.limiter.allowance()
    }

    /// Replaces the timeouts.
    pub fn with_timeouts(self, timeouts: Timeouts) -> Self {
        Self { timeouts, ..self }
    }

    /// The read of `what` at these path segments below `/api`.
    pub(crate) fn reading(
        &self,
        segments: &[&str],
        what: impl std::fmt::Display,
        permission: &'static str,
    ) -> Call {
        Call {
            url: self.address.api(segments),
            action: format!("read {what}"),
            permission,
            timeout: self.timeouts.read,
            sent: Arc::default(),
        }
    }

    /// Reads a document. Transient failures are retried once.
    pub(crate) async fn get<T: DeserializeOwned>(&self, call: &Call) -> Result<T, OctopusError> {
        let answer = self.get_answer(call).await?;
        if !answer.status.is_success() {
            return Err(refusal(&self.address, call, &answer));
        }
        from_json(&answer.body).map_err(|source| {
            error::malformed(&self.address, call, "not the expected JSON", source)
        })
    }

    /// Reads without parsing the answer. Transient failures are retried once.
    pub(crate) async fn get_answer(&self, call: &Call) -> Result<Answer, OctopusError> {
        let mut outcome = self.try_get(call).await;
        if is_throttled(&outcome) && self.limiter.has_short_wait(MAX_THROTTLE_WAIT) {
            outcome = self.try_get(call).await;
        } else if is_transient(&outcome) {
            tracing::debug!(
                action = call.action,
                "read from Octopus failed; retrying once"
            );
            tokio::time::sleep(RETRY_PAUSE).await;
            outcome = self.try_get(call).await;
        }
        outcome.map_err(|failed| error::of_read(&self.address, call, failed))
    }

    /// Sends a document, once.
    pub(crate) async fn post(
        &self,
        call: &Call,
        document: &impl Serialize,
    ) -> Result<Answer, NoAnswer> {
        self.send(call, |client, key| {
            client
                .request(Method::POST, &call.url, call, key)
                .json(document)
        })
        .await
    }

    /// Replaces a document, once.
    pub(crate) async fn put(
        &self,
        call: &Call,
        document: &impl Serialize,
    ) -> Result<Answer, NoAnswer> {
        self.send(call, |client, key| {
            client
                .request(Method::PUT, &call.url, call, key)
                .json(document)
        })
        .await
    }

    /// Deletes a document, once.
    pub(crate) async fn delete(&self, call: &Call) -> Result<Answer, NoAnswer> {
        self.send(call, |client, key| {
            client.request(Method::DELETE, &call.url, call, key)
        })
        .await
    }

    async fn try_get(&self, call: &Call) -> Result<Answer, NoAnswer> {
        let mut url = call.url.clone();
        for _ in 0..=MAX_REDIRECTS {
            let answer = self
                .send(call, |client, key| {
                    call.sent.fetch_add(1, Ordering::Relaxed);
                    client.request(Method::GET, &url, call, key)
                })
                .await?;
            let Some(target) = redirect(&url, &answer) else {
                return Ok(answer);
            };
            if !self.address.is_origin_of(&target) {
                let elsewhere = self.redactor.hide(&target.origin().ascii_serialization());
                return Err(error::redirects_elsewhere(&self.address, call, &elsewhere).into());
            }
            url = target;
        }
        Err(error::redirect_loop(&self.address, call).into())
    }

    /// Sends with the key. If the key is rejected and has changed since, sends once more with the new key.
    async fn send(
        &self,
        call: &Call,
        request: impl Fn(&Self, HeaderValue) -> RequestBuilder,
    ) -> Result<Answer, NoAnswer> {
        let slot = self
            .limiter
            .acquire(precedence::current(), MAX_THROTTLE_WAIT);
        if let Err(wait) = slot.await {
            return Err(error::throttled(&self.address, call, wait).into());
        }
        let key = self.keys.key(false).await?;
        let answer = self
            .exchange(request(self, self.header(call, &key)?))
            .await?;
        if answer.status != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        let fresh = self.keys.key(true).await?;
        if fresh.expose_secret() == key.expose_secret() {
            return Ok(answer);
        }
        self.exchange(request(self, self.header(call, &fresh)?))
            .await
    }

    /// The answer with the key redacted.
    async fn exchange(&self, request: RequestBuilder) -> Result<Answer, NoAnswer> {
        let answer = exchange(request).await?;
        let pause = http_client::retry_after(&answer.headers, jiff::Timestamp::now());
        self.limiter
            .learn(answer.status, &answer.headers, pause)
            .await;
        Ok(Answer {
            body: self.redactor.hide_in(answer.body),
            ..answer
        })
    }

    fn request(&self, method: Method, url: &Url, call: &Call, key: HeaderValue) -> RequestBuilder {
        self.http
            .request(method, url.clone())
            .timeout(call.timeout)
            .header(ACCEPT, "application/json")
            .header(USER_AGENT, &self.user_agent)
            .header(credential(&key), key)
    }

    fn header(&self, call: &Call, key: &SecretString) -> Result<HeaderValue, OctopusError> {
        let key = key.expose_secret().trim();
        let sent = if is_access_token(key) {
            HeaderValue::from_str(&format!("{BEARER}{key}"))
        } else {
            HeaderValue::from_str(key)
        };
        let mut header = sent
            .ok()
            .filter(|header| !header.is_empty())
            .ok_or_else(|| error::unusable_key(&self.address, call))?;
        header.set_sensitive(true);
        self.redactor.secret(key);
        Ok(header)
    }
}

/// Whether the credential is an access token (a JSON Web Token) and not an API key.
fn is_access_token(key: &str) -> bool {
    key.starts_with("eyJ") && key.split('.').count() == 3
}

/// The header that carries the credential.
fn credential(value: &HeaderValue) -> HeaderName {
    if value.as_bytes().starts_with(BEARER.as_bytes()) {
        AUTHORIZATION
    } else {
        API_KEY
    }
}

fn is_throttled(outcome: &Result<Answer, NoAnswer>) -> bool {
    let answer = outcome.as_ref().ok();
    answer.is_some_and(|answer| answer.status == StatusCode::TOO_MANY_REQUESTS)
}

/// Whether a read may succeed a moment later.
fn is_transient(outcome: &Result<Answer, NoAnswer>) -> bool {
    match outcome {
        Ok(answer) => matches!(
            answer.status,
            StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT
        ),
        Err(NoAnswer::NotConnected(error) | NoAnswer::Interrupted(error)) => !error.is_timeout(),
        Err(NoAnswer::Body(BodyError::Broken { source, .. })) => !source.is_timeout(),
        Err(NoAnswer::NotSent(_) | NoAnswer::Body(BodyError::TooLong { .. })) => false,
    }
}

fn redirect(from: &Url, answer: &Answer) -> Option<Url> {
    if !answer.status.is_redirection() {
        return None;
    }
    from.join(answer.headers.get(LOCATION)?.to_str().ok()?).ok()
}
