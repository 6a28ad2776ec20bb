//! The client itself.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Method, RequestBuilder};
use rustls::ClientConfig;
use url::{Host, Url};

use crate::networks::AllowedNetworks;
use crate::resolver::{GuardedResolver, Refused, check_literal};
use crate::{redirect, tls};

/// How this program names itself to servers.
pub const USER_AGENT: &str = concat!(
    "feed-triggers/",
    env!("CARGO_PKG_VERSION"),
    " (External Feed Triggers for Octopus Deploy)"
);

/// A server that does not answer a connection within this is down, or a firewall drops packets.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The longest silence within an answer. Callers set the deadline of the whole.
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// An idle connection is kept this long: longer than the pages of a listing are apart, shorter than what
/// load balancers keep.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// A client that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The user's own roots cannot be read.
    #[error("the certificates in {path:?}, named by SSL_CERT_FILE, cannot be read")]
    Roots {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: rustls::pki_types::pem::Error,
    },
    /// The user's file of roots has none.
    #[error("{path:?}, named by SSL_CERT_FILE, holds no certificate; name a PEM file, or unset it")]
    NoRoots {
        /// The file.
        path: PathBuf,
    },
    /// TLS cannot be set up.
    #[error("TLS cannot be set up")]
    Tls(#[from] rustls::Error),
    /// The client cannot be built.
    #[error("the HTTP client cannot be set up")]
    Build(#[from] reqwest::Error),
}

/// An HTTP client that reaches public addresses and those that the user allowed. Cheap to clone.
#[derive(Clone, Debug)]
pub struct OutboundClient {
    allowed: AllowedNetworks,
    http: Client,
    http_without_redirects: Client,
}

impl OutboundClient {
    /// A client that may reach `allowed` besides the public addresses. Reads the environment variable
    /// `SSL_CERT_FILE`.
    pub fn new(allowed: AllowedNetworks) -> Result<Self, ClientError> {
        let tls = system_tls()?;
        let http = builder(&allowed, tls.clone()).redirect(redirect::policy(allowed.clone()));
        let http_without_redirects = builder(&allowed, tls).redirect(Policy::none());
        Ok(Self {
            http: http.build()?,
            http_without_redirects: http_without_redirects.build()?,
            allowed,
        })
    }

    /// The client underneath, for a URL that [`check`](Self::check) let pass. Names and redirects are
    /// judged on the way in any case.
    pub fn http(&self) -> &Client {
        &self.http
    }

    /// Starts a request, unless the URL is the literal of an address that may not be reached.
    pub fn request(&self, method: Method, url: Url) -> Result<RequestBuilder, Refused> {
        self.check(&url)?;
        Ok(self.http.request(method, url))
    }

    /// As [`request`](Self::request), but a redirect is the answer and is not followed: for requests whose
    /// credential is for one place alone.
    pub fn request_without_redirects(
        &self,
        method: Method,
        url: Url,
    ) -> Result<RequestBuilder, Refused> {
        self.check(&url)?;
        Ok(self.http_without_redirects.request(method, url))
    }

    /// Judges a URL before its first use. A name passes: its addresses are judged when they are known.
    pub fn check(&self, url: &Url) -> Result<(), Refused> {
        check_literal(url, &self.allowed)
    }

    /// Whether the URL's host lies wholly in the networks that the user allowed, so that what is said to
    /// it stays where the user meant. A name that does not resolve does not.
    pub async fn is_within_allowed(&self, url: &Url) -> bool {
        match url.host() {
            Some(Host::Ipv4(address)) => self.allowed.contain(address.into()),
            Some(Host::Ipv6(address)) => self.allowed.contain(address.into()),
            Some(Host::Domain(name)) => match tokio::net::lookup_host((name, 0)).await {
                Ok(addresses) => {
                    let mut addresses = addresses.peekable();
                    addresses.peek().is_some()
                        && addresses.all(|address| self.allowed.contain(address.ip()))
                }
                Err(_) => false,
            },
            None => false,
        }
    }
}

/// A client for a server that the user named, and that may therefore stand at any address: Octopus. It
/// follows no redirects and waits in silence as long as the caller's deadline lets it, because Octopus
/// answers some calls only after it has asked many feeds. Reads the environment variable `SSL_CERT_FILE`.
pub fn named_server_client() -> Result<Client, ClientError> {
    Ok(plain_builder(system_tls()?)
        .redirect(Policy::none())
        .build()?)
}

fn system_tls() -> Result<ClientConfig, ClientError> {
    let roots = std::env::var_os(tls::SSL_CERT_FILE).filter(|path| !path.is_empty());
    tls::config(roots.map(PathBuf::from).as_deref())
}

fn builder(allowed: &AllowedNetworks, tls: ClientConfig) -> ClientBuilder {
    plain_builder(tls)
        .dns_resolver(Arc::new(GuardedResolver {
            allowed: allowed.clone(),
        }))
        .read_timeout(READ_TIMEOUT)
}

fn plain_builder(tls: ClientConfig) -> ClientBuilder {
    Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .referer(false)
        .user_agent(USER_AGENT)
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT)
}
