//! The client: how a call reaches Octopus, with the key, within its time, tried again where that is safe.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
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
use crate::error;
use crate::http::{Answer, Lost, exchange};
use crate::keys::ApiKeys;
use crate::refusal::refusal;
use crate::server_version::ServerVersion;

const API_KEY: HeaderName = HeaderName::from_static("x-octopus-apikey");
/// What stands before an access token.
const BEARER: &str = "Bearer ";
/// How long a read waits before its second and last try.
const RETRY_PAUSE: Duration = Duration::from_millis(250);
/// A server that redirects more often goes in circles.
const MAX_REDIRECTS: usize = 3;

/// How long calls may take, each from the first byte sent to the last byte read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// A read of what Octopus itself holds: 30 seconds by default.
    pub read: Duration,
    /// A page of a feed's versions, which Octopus fetches from the feed: 120 seconds by default.
    pub versions: Duration,
    /// All packages of one read of a feed together: 10 minutes by default. Packages that are not reached by
    /// then are errors, and the others are read.
    pub whole_read: Duration,
    /// The creation of a release, for which Octopus may ask many feeds: 600 seconds by default, as in
    /// Octopus's own clients. A function that lives shorter needs less, to learn how it ended.
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
    /// The key, which servers and what stands before them may repeat.
    redactor: Redactor,
    user_agent: String,
    pub(crate) address: Address,
    pub(crate) timeouts: Timeouts,
    pub(crate) version: OnceCell<ServerVersion>,
}

/// One call, as requests and messages need it.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) url: Url,
    /// What is going on, to be read after "when": `reading project Projects-1`.
    pub(crate) doing: String,
    /// What the API key's user needs for it.
    pub(crate) permission: &'static str,
    pub(crate) timeout: Duration,
    /// How many requests were sent for it, and for all calls made from it.
    pub(crate) sent: Arc<AtomicUsize>,
}

impl Call {
    /// The same with one more parameter.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.url.query_pairs_mut().append_pair(name, value);
        self
    }
}

impl<K: ApiKeys> OctopusClient<K> {
    /// A client of the server at this URL, with its virtual directory if it has one.
    ///
    /// # Errors
    /// [`OctopusErrorKind::Invalid`](engine::ports::OctopusErrorKind::Invalid) where the URL, or a file of
    /// certificates that the environment names, cannot be used.
    pub fn connect(server: &str, keys: K) -> Result<Self, OctopusError> {
        let http = http_client::named_server_client().map_err(error::no_client)?;
        Self::new(http, server, keys)
    }

    /// The same over another HTTP client.
    ///
    /// `http` must not follow redirects by itself: it would take the API key along. This client follows
    /// those that stay at the server, and names the others in an error.
    ///
    /// # Errors
    /// [`OctopusErrorKind::Invalid`](engine::ports::OctopusErrorKind::Invalid) where the URL cannot be used.
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
        })
    }

    /// The same client with other timeouts.
    pub fn with_timeouts(self, timeouts: Timeouts) -> Self {
        Self { timeouts, ..self }
    }

    /// A read of `what`, at the path with these segments below `/api`.
    pub(crate) fn reading(
        &self,
        segments: &[&str],
        what: impl std::fmt::Display,
        permission: &'static str,
    ) -> Call {
        Call {
            url: self.address.api(segments),
            doing: format!("reading {what}"),
            permission,
            timeout: self.timeouts.read,
            sent: Arc::default(),
        }
    }

    /// Reads a document. What looks passing is tried once more.
    pub(crate) async fn get<T: DeserializeOwned>(&self, call: &Call) -> Result<T, OctopusError> {
        let answer = self.get_answer(call).await?;
        if !answer.status.is_success() {
            return Err(refusal(&self.address, call, &answer));
        }
        from_json(&answer.body).map_err(|source| {
            error::malformed(&self.address, call, "not the expected JSON", source)
        })
    }

    /// The same, as the server answered it.
    pub(crate) async fn get_answer(&self, call: &Call) -> Result<Answer, OctopusError> {
        let mut outcome = self.try_get(call).await;
        if is_passing(&outcome) {
            tracing::debug!(
                doing = call.doing,
                "Octopus did not answer; trying once more"
            );
            tokio::time::sleep(RETRY_PAUSE).await;
            outcome = self.try_get(call).await;
        }
        outcome.map_err(|lost| error::of_read(&self.address, call, lost))
    }

    /// Sends a document, once.
    pub(crate) async fn post(
        &self,
        call: &Call,
        document: &impl Serialize,
    ) -> Result<Answer, Lost> {
        self.send(call, |client, key| {
            client
                .request(Method::POST, &call.url, call, key)
                .json(document)
        })
        .await
    }

    /// Replaces a document, once.
    pub(crate) async fn put(&self, call: &Call, document: &impl Serialize) -> Result<Answer, Lost> {
        self.send(call, |client, key| {
            client
                .request(Method::PUT, &call.url, call, key)
                .json(document)
        })
        .await
    }

    async fn try_get(&self, call: &Call) -> Result<Answer, Lost> {
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
                return Err(error::leads_elsewhere(&self.address, call, &elsewhere).into());
            }
            url = target;
        }
        Err(error::circles(&self.address, call).into())
    }

    /// Sends with the key; if that is refused and there is another now, once more with that.
    async fn send(
        &self,
        call: &Call,
        request: impl Fn(&Self, HeaderValue) -> RequestBuilder,
    ) -> Result<Answer, Lost> {
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

    /// The answer, in which no key stands.
    async fn exchange(&self, request: RequestBuilder) -> Result<Answer, Lost> {
        let answer = exchange(request).await?;
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

/// Whether it is an access token, which is a JSON Web Token, and not an API key.
fn is_access_token(key: &str) -> bool {
    key.starts_with("eyJ") && key.split('.').count() == 3
}

/// The header that the credential goes into.
fn credential(value: &HeaderValue) -> HeaderName {
    if value.as_bytes().starts_with(BEARER.as_bytes()) {
        AUTHORIZATION
    } else {
        API_KEY
    }
}

/// Whether a read may go better a moment later.
fn is_passing(outcome: &Result<Answer, Lost>) -> bool {
    match outcome {
        Ok(answer) => matches!(
            answer.status,
            StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT
        ),
        Err(Lost::NotConnected(error) | Lost::NoAnswer(error)) => !error.is_timeout(),
        Err(Lost::NotRead(BodyError::Broken { source, .. })) => !source.is_timeout(),
        Err(Lost::Unready(_) | Lost::NotRead(BodyError::TooLong { .. })) => false,
    }
}

fn redirect(from: &Url, answer: &Answer) -> Option<Url> {
    if !answer.status.is_redirection() {
        return None;
    }
    from.join(answer.headers.get(LOCATION)?.to_str().ok()?).ok()
}
