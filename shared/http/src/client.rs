//! The HTTP clients.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, Response};
use rustls::ClientConfig;
use url::Url;

use crate::approval::{Approval, NotApproved};
use crate::client_error::ClientError;
use crate::networks::AllowedNetworks;
use crate::reach::Reach;
use crate::redirect::{self, MAX_REDIRECTS, RedirectError};
use crate::resolver::{Names, Refused, check_literal, literal};
use crate::surroundings::{Surroundings, builder};

/// The read timeout between two chunks. Callers set a deadline for the whole request.
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// Checks the URL of a server that the user configured. A host name passes: its addresses are checked when it is
/// resolved.
///
/// # Errors
/// When the host is the metadata address of a cloud.
pub fn check_named_server(url: &Url) -> Result<(), Refused> {
    check_literal(url, &Reach::Named)
}

/// An HTTP client that reaches public addresses and those that the user allowed. Cheap to clone.
#[derive(Clone, Debug)]
pub struct OutboundClient {
    allowed: AllowedNetworks,
    names: Arc<dyn Names>,
    open: Pair,
    inside: Pair,
    public: Pair,
}

/// A client that follows redirects and one that does not, with the same reach.
#[derive(Clone, Debug)]
struct Pair {
    reach: Reach,
    following: Client,
    staying: Client,
    /// The check of names that a proxy resolves; `None` without proxies.
    approval: Option<Approval>,
}

impl OutboundClient {
    /// Creates a client that connects to public addresses and to `allowed` networks. Reads the environment
    /// variables of [`Surroundings::of_process`].
    ///
    /// # Errors
    /// When the certificates cannot be read or the client cannot be built.
    pub fn new(allowed: AllowedNetworks) -> Result<Self, ClientError> {
        Self::within(&Surroundings::of_process()?, allowed)
    }

    /// The same with other surroundings.
    ///
    /// # Errors
    /// When the certificates cannot be read or the client cannot be built.
    pub fn within(
        surroundings: &Surroundings,
        allowed: AllowedNetworks,
    ) -> Result<Self, ClientError> {
        let tls = surroundings.tls()?;
        Ok(Self {
            names: Arc::clone(&surroundings.names),
            open: Pair::new(surroundings, &tls, Reach::Public(allowed.clone()))?,
            // Without proxies: what could be overheard stays within the networks.
            inside: Pair::new(
                &surroundings.without_proxies(),
                &tls,
                Reach::Inside(allowed.clone()),
            )?,
            public: Pair::new(surroundings, &tls, Reach::Public(AllowedNetworks::none()))?,
            allowed,
        })
    }

    /// The underlying client, for a URL that [`check`](Self::check) has accepted. Resolved addresses and redirects
    /// are checked in any case.
    pub fn http(&self) -> &Client {
        &self.open.following
    }

    /// Starts a request.
    ///
    /// # Errors
    /// When the URL contains an IP address that may not be reached.
    pub fn request(&self, method: Method, url: Url) -> Result<RequestBuilder, Refused> {
        self.check(&url)?;
        Ok(self.open.following.request(method, url))
    }

    /// As [`request`](Self::request), but without following redirects: for requests whose credential is for one
    /// server only.
    ///
    /// # Errors
    /// As for [`request`](Self::request).
    pub fn request_without_redirects(
        &self,
        method: Method,
        url: Url,
    ) -> Result<RequestBuilder, Refused> {
        self.check(&url)?;
        Ok(self.open.staying.request(method, url))
    }

    /// Checks the addresses of the URL's host if requests are sent to a proxy, which resolves the name itself.
    ///
    /// # Errors
    /// When none of the addresses may be reached, or the name does not resolve.
    pub async fn approve(&self, url: &Url) -> Result<(), NotApproved> {
        match &self.open.approval {
            Some(approval) => approval.judge(url).await,
            None => Ok(()),
        }
    }

    /// Sends a request of this client. If a proxy is used, the hosts of redirects are checked as by
    /// [`approve`](Self::approve), and the request is sent again after each check.
    ///
    /// # Errors
    /// As reqwest; the chain of causes contains the [`RedirectError`] of a redirect that is not followed.
    pub async fn send(&self, request: RequestBuilder) -> Result<Response, reqwest::Error> {
        let Some(approval) = &self.open.approval else {
            return request.send().await;
        };
        for _ in 0..MAX_REDIRECTS {
            let Some(again) = request.try_clone() else {
                break;
            };
            let result = again.send().await;
            let Some(unchecked) = result.as_ref().err().and_then(unchecked) else {
                return result;
            };
            // The verdict is stored, and decides about the redirect when the request is repeated.
            let _ = approval.judge(&unchecked).await;
        }
        request.send().await
    }

    /// This client restricted to the networks that the user allowed, without public addresses: for requests that
    /// could be overheard. A name that resolves to another address after
    /// [`is_within_allowed`](Self::is_within_allowed) has checked it is refused.
    #[must_use]
    pub fn confined(&self) -> Self {
        Self {
            open: self.inside.clone(),
            ..self.clone()
        }
    }

    /// This client without the networks that the user allowed.
    #[must_use]
    pub fn public_only(&self) -> Self {
        Self {
            open: self.public.clone(),
            ..self.clone()
        }
    }

    /// Checks a URL before its first use. A host name passes: its addresses are checked when it is resolved.
    ///
    /// # Errors
    /// When the URL contains an IP address that may not be reached.
    pub fn check(&self, url: &Url) -> Result<(), Refused> {
        check_literal(url, &self.open.reach)
    }

    /// Whether all addresses of the URL's host are in the networks that the user allowed. False for a name that
    /// does not resolve.
    pub async fn is_within_allowed(&self, url: &Url) -> bool {
        if let Some(address) = literal(url) {
            return self.allowed.contain(address);
        }
        let Some(name) = url.host_str() else {
            return false;
        };
        let addresses = self.names.look_up(name).await.unwrap_or_default();
        let is_inside = |address: &std::net::SocketAddr| self.allowed.contain(address.ip());
        !addresses.is_empty() && addresses.iter().all(is_inside)
    }
}

impl Pair {
    fn new(
        surroundings: &Surroundings,
        tls: &ClientConfig,
        reach: Reach,
    ) -> Result<Self, ClientError> {
        let builder = || builder(surroundings, tls, &reach);
        let approval = (!surroundings.proxies.is_empty())
            .then(|| Approval::new(Arc::clone(&surroundings.names), reach.clone()));
        let policy = redirect::policy(reach.clone(), approval.clone());
        Ok(Self {
            following: builder()?
                .read_timeout(READ_TIMEOUT)
                .redirect(policy)
                .build()?,
            staying: builder()?
                .read_timeout(READ_TIMEOUT)
                .redirect(Policy::none())
                .build()?,
            reach,
            approval,
        })
    }
}

/// The target of a redirect whose host was not checked yet.
fn unchecked(error: &reqwest::Error) -> Option<Url> {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(RedirectError::Unchecked(url)) = error.downcast_ref() {
            return Some(url.clone());
        }
        cause = error.source();
    }
    None
}
