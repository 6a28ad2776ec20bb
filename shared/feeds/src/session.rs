//! One read's talk with one feed: GETs that authenticate themselves, retry once, and know when to stop.
//!
//! `authenticate` answers what the server asks for, `token` with what a token server gives, `grant` where
//! the credential is itself a token; `beside` asks a provider's own API; `exchange` carries single requests; and this file holds who takes
//! part and whose credential it is.

mod authenticate;
mod beside;
mod exchange;
mod grant;
mod token;

use std::time::Duration;

use domain::ecr::RegistryHost;
use domain::feed::{Feed, FeedKind};
use engine::ports::{FeedError, FeedErrorKind};
use http_client::OutboundClient;
use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Method, Response};
use tokio::time::Instant;
use url::Url;

use crate::auth::memory::Memory;
use crate::budgets::{Allowance, Budgets};
use crate::credentials::{AnyCredentials, Credential};
use crate::error::Subject;
use crate::gate::Gate;
use crate::helm::Museums;
use crate::limits::Limits;
use crate::meter::Meter;
use crate::provider::Provider;

/// What all reads of all feeds share.
pub(crate) struct Shared {
    pub(crate) client: OutboundClient,
    pub(crate) credentials: Box<dyn AnyCredentials>,
    pub(crate) memory: Memory,
    pub(crate) budgets: Budgets,
    pub(crate) museums: Museums,
}

/// A read's talk with a feed.
pub(crate) struct Session<'a> {
    shared: &'a Shared,
    feed: &'a Feed,
    /// Sends requests. Where the feed's credential could be overheard, those to the feed itself stay in
    /// the networks that the user allowed, wherever its name leads meanwhile.
    client: OutboundClient,
    /// The origin that the feed's credential is for.
    base: Url,
    token_hosts: Vec<String>,
    /// The repositories that the read is of, in order.
    repositories: Vec<&'a str>,
    identity: tokio::sync::Mutex<Identity>,
    gate: Gate,
    meter: &'a Meter,
}

/// When a credential is sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Send {
    /// When the server asks for it.
    WhenAsked,
    /// With the first request.
    AtOnce,
}

/// Who we are to the feed.
#[derive(Clone)]
struct Identity {
    /// The credential as a value of `Authorization`.
    header: Option<HeaderValue>,
    send: Send,
    refreshed: bool,
}

/// A GET.
pub(crate) struct Get<'a> {
    pub(crate) subject: Subject<'a>,
    pub(crate) url: Url,
    /// The repository that a token must be for; empty where the feed has no repositories.
    pub(crate) repository: &'a str,
    /// What is sent besides the credential.
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}

impl<'a> Session<'a> {
    /// Begins a read of the feed at `base`.
    ///
    /// # Errors
    /// When the credential cannot be had, or may not be sent to where the feed is.
    pub(crate) async fn open(
        shared: &'a Shared,
        limits: &Limits,
        meter: &'a Meter,
        feed: &'a Feed,
        base: Url,
        send: Send,
    ) -> Result<Self, FeedError> {
        let credential = shared.credentials.credential(feed, false).await?;
        let send = match credential {
            Some(Credential::AuthorizationHeader(_)) => Send::AtOnce,
            _ => send,
        };
        let header = sendable(shared, feed, &base, credential).await?;
        // Before anything is sent: the server may know it from an earlier read.
        if let Some(known) = header.as_ref().and_then(|header| header.to_str().ok()) {
            meter.redactor.authorization(known);
        }
        let client = if header.is_some() && !is_safe(feed, &base) {
            shared.client.confined()
        } else {
            shared.client.clone()
        };
        let provider = Provider::of(&feed.kind, &base);
        let allowance = Allowance {
            parallel: provider.parallel(limits.parallel),
            per_second: provider.per_second(limits.per_second),
        };
        let seat = shared.budgets.join(&base, header.as_ref(), allowance);
        Ok(Self {
            shared,
            feed,
            client,
            base,
            token_hosts: shared.credentials.token_hosts(feed),
            repositories: Vec::new(),
            identity: Identity {
                header,
                send,
                refreshed: false,
            }
            .into(),
            gate: Gate::new(seat),
            meter,
        })
    }

    /// The same for a read of these repositories: a token may be asked for several at once.
    pub(crate) fn of_repositories(self, mut repositories: Vec<&'a str>) -> Self {
        repositories.sort_unstable();
        repositories.dedup();
        Self {
            repositories,
            ..self
        }
    }

    /// The feed that this is a talk with.
    pub(crate) fn feed(&self) -> &'a Feed {
        self.feed
    }

    /// The outcome, in its turn among all that share the budget and within the deadline from then on; an
    /// error if that passes, or if the whole read's does.
    pub(crate) async fn within<T>(
        &self,
        deadline: Duration,
        subject: Subject<'_>,
        outcome: impl Future<Output = Result<T, FeedError>>,
    ) -> Result<T, FeedError> {
        let end = self.meter.end;
        let turn = tokio::time::timeout_at(end, self.gate.turn()).await;
        if turn.is_err() || Instant::now() >= end {
            return Err(self.too_late(subject));
        }
        let own_end = Instant::now() + deadline;
        let outcome = tokio::time::timeout_at(end.min(own_end), outcome).await;
        outcome.unwrap_or_else(|_| {
            if end < own_end {
                return Err(self.too_late(subject));
            }
            self.gate.note(Some(FeedErrorKind::Unavailable));
            let what = format!("was not read within {deadline:?}; it is tried again later");
            Err(subject.error(FeedErrorKind::Unavailable, what))
        })
    }

    /// The read's time is over. That is nobody's failure: there is much to read, and others of the budget
    /// read too.
    fn too_late(&self, subject: Subject<'_>) -> FeedError {
        let what = format!(
            "was not reached within the {:?} that all packages of a read have together; it is tried \
             again later",
            self.meter.whole
        );
        subject.error(FeedErrorKind::Incomplete, what)
    }

    /// The answer to a GET: any status but 401, 403, 404, 408, 410, 429 and 5xx, which are errors.
    pub(crate) async fn get(&self, get: &Get<'_>) -> Result<Response, FeedError> {
        let response = self.authenticated(&Method::GET, get).await?;
        self.judged(get, response).await
    }

    /// As [`get`](Self::get), but only the head of the answer.
    pub(crate) async fn head(&self, get: &Get<'_>) -> Result<Response, FeedError> {
        let response = self.authenticated(&Method::HEAD, get).await?;
        self.judged(get, response).await
    }

    async fn judged(&self, get: &Get<'_>, response: Response) -> Result<Response, FeedError> {
        let kind = match response.status().as_u16() {
            401 | 403 => FeedErrorKind::Denied,
            404 | 410 => FeedErrorKind::NotFound,
            408 | 500.. => FeedErrorKind::Unavailable,
            _ => return Ok(response),
        };
        Err(self.told(get, kind, response).await)
    }

    /// A status that the caller did not expect, as an error.
    pub(crate) async fn unexpected(&self, get: &Get<'_>, response: Response) -> FeedError {
        self.told(get, FeedErrorKind::Malformed, response).await
    }

    /// A fresh credential after `refused`: another package's if it has fetched one, else the source is
    /// asked again, once. `None` if there is no other.
    async fn renew(&self, refused: Option<&HeaderValue>) -> Result<Option<HeaderValue>, FeedError> {
        let mut identity = self.identity.lock().await;
        if identity.header.as_ref() == refused && !identity.refreshed {
            identity.refreshed = true;
            let credential = self.shared.credentials.credential(self.feed, true).await?;
            identity.header = sendable(self.shared, self.feed, &self.base, credential).await?;
        }
        Ok(identity
            .header
            .clone()
            .filter(|header| Some(header) != refused))
    }
}

/// The credential as a header, if it may be sent to where the feed is: AWS's to ECR alone, any over
/// plain http only within networks that the user allowed.
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
        misconfigured("cannot be sent the feed's credential, which holds control characters")
    })
}

/// Whether the feed is where its credential may be sent over the open network: at ECR alone if it is AWS's,
/// and never in the clear.
fn is_safe(feed: &Feed, base: &Url) -> bool {
    let is_aws = feed.kind == FeedKind::AwsElasticContainerRegistry;
    let is_ecr = || base.host_str().and_then(RegistryHost::parse).is_some();
    base.scheme() == "https" && (!is_aws || is_ecr())
}
