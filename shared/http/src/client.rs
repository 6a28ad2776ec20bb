//! The HTTP clients.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Method, RequestBuilder};
use rustls::ClientConfig;
use url::Url;

use crate::client_error::ClientError;
use crate::networks::AllowedNetworks;
use crate::reach::Reach;
use crate::resolver::{GuardedResolver, Names, Refused, SystemNames, check_literal, literal};
use crate::{redirect, tls};

/// The `User-Agent` of all requests.
pub const USER_AGENT: &str = concat!(
    "feed-triggers/",
    env!("CARGO_PKG_VERSION"),
    " (External Feed Triggers for Octopus Deploy)"
);

/// The connect timeout: a server that does not accept a connection within it is down or behind a firewall.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The read timeout between two chunks. Callers set a deadline for the whole request.
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// How long an idle connection is kept: longer than the time between pages of a listing, shorter than the
/// timeout of common load balancers.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// The environment of a client: its name resolver, and certificate authorities in addition to Mozilla's
/// roots.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The name resolver.
    pub names: Arc<dyn Names>,
    /// A PEM file of further certificate authorities.
    pub roots: Option<PathBuf>,
}

impl Surroundings {
    /// The system's resolver, and the file in the environment variable `SSL_CERT_FILE`.
    pub fn of_process() -> Self {
        let roots = std::env::var_os(tls::SSL_CERT_FILE).filter(|path| !path.is_empty());
        Self {
            names: Arc::new(SystemNames),
            roots: roots.map(PathBuf::from),
        }
    }

    /// A client for a server that the user configured, Octopus. It connects to every address except the metadata
    /// addresses of clouds. It follows no redirects and has no read timeout, because Octopus answers some calls
    /// only after it has read many feeds; the caller sets a deadline.
    ///
    /// For a URL with an IP address, call [`check_named_server`] first.
    ///
    /// # Errors
    /// When the certificates cannot be read or the client cannot be built.
    pub fn named_server_client(&self) -> Result<Client, ClientError> {
        Ok(builder(self, &self.tls()?, &Reach::Named)
            .redirect(Policy::none())
            .build()?)
    }

    fn tls(&self) -> Result<ClientConfig, ClientError> {
        tls::config(self.roots.as_deref())
    }
}

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
}

impl OutboundClient {
    /// Creates a client that connects to public addresses and to `allowed` networks. Reads the environment variable
    /// `SSL_CERT_FILE`.
    ///
    /// # Errors
    /// When the certificates cannot be read or the client cannot be built.
    pub fn new(allowed: AllowedNetworks) -> Result<Self, ClientError> {
        Self::within(&Surroundings::of_process(), allowed)
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
            inside: Pair::new(surroundings, &tls, Reach::Inside(allowed.clone()))?,
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
        let builder = || builder(surroundings, tls, &reach).read_timeout(READ_TIMEOUT);
        Ok(Self {
            following: builder()
                .redirect(redirect::policy(reach.clone()))
                .build()?,
            staying: builder().redirect(Policy::none()).build()?,
            reach,
        })
    }
}

/// As [`Surroundings::named_server_client`], with the surroundings of the process.
///
/// # Errors
/// When the certificates cannot be read or the client cannot be built.
pub fn named_server_client() -> Result<Client, ClientError> {
    Surroundings::of_process().named_server_client()
}

fn builder(surroundings: &Surroundings, tls: &ClientConfig, reach: &Reach) -> ClientBuilder {
    Client::builder()
        .tls_backend_preconfigured(tls.clone())
        .dns_resolver(Arc::new(GuardedResolver {
            names: Arc::clone(&surroundings.names),
            reach: reach.clone(),
        }))
        .no_proxy()
        .referer(false)
        .user_agent(USER_AGENT)
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT)
}
