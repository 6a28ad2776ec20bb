//! The environment of a client: name resolver, certificates and proxies.

use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder};
use rustls::ClientConfig;

use crate::certificates::Certificates;
use crate::client_error::ClientError;
use crate::proxies::Proxies;
use crate::reach::Reach;
use crate::resolver::{GuardedResolver, Names, SystemNames};
use crate::tls;

/// The `User-Agent` of all requests.
pub const USER_AGENT: &str = concat!(
    "feed-triggers/",
    env!("CARGO_PKG_VERSION"),
    " (External Feed Triggers for Octopus Deploy)"
);

/// The connect timeout: a server that does not accept a connection within it is down or behind a firewall.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long an idle connection is kept: longer than the time between pages of a listing, shorter than the
/// timeout of common load balancers.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// The environment of a client.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The name resolver.
    pub names: Arc<dyn Names>,
    /// Certificates that are trusted in addition to Mozilla's roots.
    pub certificates: Option<Certificates>,
    /// The proxies.
    pub proxies: Proxies,
}

impl Surroundings {
    /// The system's resolver, and the environment variables `SSL_CERT_FILE`, `HTTPS_PROXY`, `HTTP_PROXY` and
    /// `NO_PROXY`.
    ///
    /// # Errors
    /// When a proxy is not a URL.
    pub fn of_process() -> Result<Self, ClientError> {
        Ok(Self {
            names: Arc::new(SystemNames),
            certificates: Certificates::of_process(),
            proxies: Proxies::of_process()?,
        })
    }

    /// A client for a server that the user configured, Octopus. It connects to every address except the metadata
    /// addresses of clouds; a proxy is requested by name, without a check. It follows no redirects and has no read
    /// timeout, because Octopus answers some calls only after it has read many feeds; the caller sets a deadline.
    ///
    /// For a URL with an IP address, call [`check_named_server`](crate::check_named_server) first.
    ///
    /// # Errors
    /// When the certificates cannot be read or the client cannot be built.
    pub fn named_server_client(&self) -> Result<Client, ClientError> {
        Ok(builder(self, &self.tls()?, &Reach::Named)?
            .redirect(Policy::none())
            .build()?)
    }

    pub(crate) fn tls(&self) -> Result<ClientConfig, ClientError> {
        tls::config(self.certificates.as_ref())
    }

    pub(crate) fn without_proxies(&self) -> Self {
        Self {
            proxies: Proxies::default(),
            ..self.clone()
        }
    }
}

/// As [`Surroundings::named_server_client`], with the surroundings of the process.
///
/// # Errors
/// When the certificates cannot be read or the client cannot be built.
pub fn named_server_client() -> Result<Client, ClientError> {
    Surroundings::of_process()?.named_server_client()
}

/// A client that connects only to addresses within `reach`, and to the proxies.
pub(crate) fn builder(
    surroundings: &Surroundings,
    tls: &ClientConfig,
    reach: &Reach,
) -> Result<ClientBuilder, ClientError> {
    let builder = Client::builder()
        .tls_backend_preconfigured(tls.clone())
        .dns_resolver(Arc::new(GuardedResolver {
            names: Arc::clone(&surroundings.names),
            reach: reach.clone(),
            proxies: surroundings.proxies.names(),
        }))
        .referer(false)
        .user_agent(USER_AGENT)
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT);
    surroundings.proxies.apply(builder)
}
