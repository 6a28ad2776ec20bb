//! One read's connection to one feed: requests that authenticate themselves, are retried once and stop when
//! the circuit breaker opens.
//!
//! This file has the credential and the public methods. `authenticate` answers challenges, `tokens` returns
//! tokens from the cache or the token server, `token_request` sends the requests for them, and `exchange`
//! sends single requests.

mod authenticate;
mod exchange;
mod token_request;
mod tokens;

use std::time::Duration;

use domain::budget::DOCKER_HUB;
use domain::ecr::EcrHost;
use domain::feed::{Feed, FeedKind};
use engine::ports::{FeedError, FeedErrorKind};
use http_client::OutboundClient;
use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Method, Response};
use tokio::time::Instant;
use url::Url;

use crate::address::{DOCKER_HUB_REGISTRY, authority};
use crate::auth::challenge::Challenge;
use crate::auth::memory::Memory;
use crate::budget::{Allowance, Budgets};
use crate::circuit_breaker::CircuitBreaker;
use crate::credentials::{AnyCredentials, Credential};
use crate::error::Subject;
use crate::limits::Limits;
use crate::meter::Meter;
use crate::provider::Provider;

/// State that all sessions of all feeds share.
pub(crate) struct Shared {
    pub(crate) client: OutboundClient,
    pub(crate) credentials: Box<dyn AnyCredentials>,
    pub(crate) memory: Memory,
    pub(crate) budgets: Budgets,
}

/// A read's connection to a feed.
pub(crate) struct Session<'a> {
    shared: &'a Shared,
    feed: &'a Feed,
    /// Sends the requests to the feed itself. Where the feed's credential could be overheard, it connects
    /// only to networks that the user allowed, whatever the host name resolves to.
    client: OutboundClient,
    /// Sends the requests to other origins, such as token servers. It connects to the networks that the user
    /// allowed only if the feed itself is in them.
    others: OutboundClient,
    /// The origin that the feed's credential is for.
    base: Url,
    token_hosts: Vec<String>,
    /// The repositories that are read, sorted.
    repositories: Vec<&'a str>,
    identity: tokio::sync::Mutex<Identity>,
    breaker: CircuitBreaker,
    meter: &'a Meter,
}

/// When a credential is sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum CredentialUse {
    /// In answer to a challenge.
    OnChallenge,
    /// With the first request.
    Preemptive,
}

/// The credential of the session.
#[derive(Clone)]
struct Identity {
    /// The credential as a value of `Authorization`.
    header: Option<HeaderValue>,
    credential_use: CredentialUse,
    is_refreshed: bool,
}

/// A GET or HEAD request.
pub(crate) struct Get<'a> {
    pub(crate) subject: Subject<'a>,
    pub(crate) url: Url,
    /// The repository that a token must be for; empty where the feed has no repositories.
    pub(crate) repository: &'a str,
    /// Headers in addition to the credential.
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}

impl<'a> Session<'a> {
    /// Opens a session with the feed at `base`.
    ///
    /// # Errors
    /// When the credential is not available, or may not be sent to the feed's URL.
    pub(crate) async fn open(
        shared: &'a Shared,
        limits: &Limits,
        meter: &'a Meter,
        feed: &'a Feed,
        base: Url,
        credential_use: CredentialUse,
    ) -> Result<Self, FeedError> {
        check_host(shared, feed, &base)?;
        let credential = shared.credentials.credential(feed, false).await?;
        let credential_use = match credential {
            Some(Credential::AuthorizationHeader(_)) => CredentialUse::Preemptive,
            _ => credential_use,
        };
        let header = sendable(shared, feed, &base, credential).await?;
        // Before the first request: the server may repeat the credential of an earlier read.
        if let Some(known) = header.as_ref().and_then(|header| header.to_str().ok()) {
            meter.redactor.authorization(known);
        }
        // A public feed must not lead requests into the networks that the user allowed for other feeds.
        let others = if shared.client.is_within_allowed(&base).await {
            shared.client.clone()
        } else {
            shared.client.public_only()
        };
        let client = if header.is_some() && !is_safe(feed, &base) {
            shared.client.confined()
        } else {
            others.clone()
        };
        let provider = Provider::of(&feed.kind, &base);
        let allowance = Allowance {
            parallel: provider.parallel(limits.parallel),
            per_second: provider.per_second(limits.per_second),
        };
        let budget = shared.budgets.join(&base, header.as_ref(), allowance);
        Ok(Self {
            shared,
            feed,
            client,
            others,
            base,
            token_hosts: shared.credentials.token_hosts(feed),
            repositories: Vec::new(),
            identity: Identity {
                header,
                credential_use,
                is_refreshed: false,
            }
            .into(),
            breaker: CircuitBreaker::new(budget),
            meter,
        })
    }

    /// Sets the repositories of the read, so that one token can be requested for several of them.
    pub(crate) fn of_repositories(self, mut repositories: Vec<&'a str>) -> Self {
        repositories.sort_unstable();
        repositories.dedup();
        Self {
            repositories,
            ..self
        }
    }

    pub(crate) fn feed(&self) -> &'a Feed {
        self.feed
    }

    pub(crate) fn meter(&self) -> &'a Meter {
        self.meter
    }

    /// Runs `outcome` with a permit of the budget.
    ///
    /// # Errors
    /// When `deadline` passes after the permit was granted, or the deadline of the whole read.
    pub(crate) async fn within<T>(
        &self,
        deadline: Duration,
        subject: Subject<'_>,
        outcome: impl Future<Output = Result<T, FeedError>>,
    ) -> Result<T, FeedError> {
        let end = self.meter.end;
        let permit = tokio::time::timeout_at(end, self.breaker.permit()).await;
        if permit.is_err() || Instant::now() >= end {
            return Err(self.too_late(subject));
        }
        let own_end = Instant::now() + deadline;
        let outcome = tokio::time::timeout_at(end.min(own_end), outcome).await;
        outcome.unwrap_or_else(|_| {
            if end < own_end {
                return Err(self.too_late(subject));
            }
            self.breaker.record(Some(FeedErrorKind::Unavailable));
            let what = format!("was not read within {deadline:?}; it is tried again later");
            Err(subject.error(FeedErrorKind::Unavailable, what))
        })
    }

    /// The error for a package that was not read within the deadline of the whole read. It does not count
    /// as a failure of the feed: there is much to read, and other reads share the budget.
    fn too_late(&self, subject: Subject<'_>) -> FeedError {
        let what = format!(
            "was not reached within the {:?} that all packages of a read have together; it is tried \
             again later",
            self.meter.whole
        );
        subject.error(FeedErrorKind::Incomplete, what)
    }

    /// Sends a GET. The statuses 401, 403, 404, 408, 410, 429 and 5xx are errors.
    pub(crate) async fn get(&self, get: &Get<'_>) -> Result<Response, FeedError> {
        let response = self.authenticated(&Method::GET, get).await?;
        self.check_status(get, response).await
    }

    /// Sends a HEAD. The same statuses are errors as with [`get`](Self::get).
    pub(crate) async fn head(&self, get: &Get<'_>) -> Result<Response, FeedError> {
        let response = self.authenticated(&Method::HEAD, get).await?;
        self.check_status(get, response).await
    }

    async fn check_status(&self, get: &Get<'_>, response: Response) -> Result<Response, FeedError> {
        let kind = match response.status().as_u16() {
            401 | 403 => FeedErrorKind::Denied,
            404 | 410 => FeedErrorKind::NotFound,
            408 | 500.. => FeedErrorKind::Unavailable,
            _ => return Ok(response),
        };
        Err(self.status_error(get, kind, response).await)
    }

    /// The error for a status that the caller did not expect.
    pub(crate) async fn unexpected(&self, get: &Get<'_>, response: Response) -> FeedError {
        let kind = FeedErrorKind::Malformed;
        self.status_error(get, kind, response).await
    }

    /// The challenge that the registry sent when this repository was last read.
    pub(crate) fn challenged(&self, repository: &str) -> Option<Challenge> {
        self.shared.memory.recall(&self.base, repository)
    }

    /// A credential other than `refused`: the one that another request has fetched meanwhile, else the
    /// credential source is asked once more. `None` if there is no other.
    async fn renew(&self, refused: Option<&HeaderValue>) -> Result<Option<HeaderValue>, FeedError> {
        let mut identity = self.identity.lock().await;
        if identity.header.as_ref() == refused && !identity.is_refreshed {
            identity.is_refreshed = true;
            let credential = self.shared.credentials.credential(self.feed, true).await?;
            identity.header = sendable(self.shared, self.feed, &self.base, credential).await?;
        }
        Ok(identity
            .header
            .clone()
            .filter(|header| Some(header) != refused))
    }
}

/// The credential as a header, if it may be sent to the feed's URL: a credential of AWS only to ECR, any
/// credential over plain http only within networks that the user allowed.
async fn sendable(
    shared: &Shared,
    feed: &Feed,
    base: &Url,
    credential: Option<Credential>,
) -> Result<Option<HeaderValue>, FeedError> {
    let Some(credential) = credential else {
        return Ok(None);
    };
    let misconfigured = |what| Subject::feed(feed).at(FeedErrorKind::Misconfigured, base, what);
    let is_aws = feed.kind == FeedKind::AwsElasticContainerRegistry;
    if !is_safe(feed, base) && !shared.client.is_within_allowed(base).await {
        return Err(misconfigured(if is_aws {
            "is not an ECR registry, so AWS's credential is not sent there; correct the feed in \
             Octopus, or allow its network with --allow-network or the parameter AllowedNetworks"
        } else {
            "is plain http, so the feed's credential is not sent there; use https, or allow its \
             network with --allow-network or the parameter AllowedNetworks"
        }));
    }
    let header = credential.header();
    header.map(Some).ok_or_else(|| {
        misconfigured("cannot be sent the feed's credential, which contains control characters")
    })
}

/// Fails if the feed's credential is bound to another host than that of the feed's URL. Users of Octopus can change
/// the URL; only the owner of the credential can change the binding.
fn check_host(shared: &Shared, feed: &Feed, base: &Url) -> Result<(), FeedError> {
    let Some(bound) = shared.credentials.host(feed) else {
        return Ok(());
    };
    if bound_authority(&bound) == authority(base) {
        return Ok(());
    }
    Err(Subject::feed(feed).at(
        FeedErrorKind::Misconfigured,
        base,
        format_args!(
            "is not sent the feed's credential, which is bound to the host {bound}; correct the feed's URL in \
             Octopus, or the field `host` of the secret"
        ),
    ))
}

/// The authority of a bound host. The names of Docker Hub are those of its registry.
fn bound_authority(host: &str) -> String {
    let host = host.trim().trim_end_matches('/').to_ascii_lowercase();
    let host = host.strip_suffix(":443").unwrap_or(&host);
    if DOCKER_HUB.contains(&host) {
        return DOCKER_HUB_REGISTRY.to_owned();
    }
    host.to_owned()
}

/// Whether the feed's credential may be sent over the open network: always encrypted, and a credential of
/// AWS only to ECR.
fn is_safe(feed: &Feed, base: &Url) -> bool {
    let is_aws = feed.kind == FeedKind::AwsElasticContainerRegistry;
    let is_ecr = || base.host_str().and_then(EcrHost::parse).is_some();
    base.scheme() == "https" && (!is_aws || is_ecr())
}
