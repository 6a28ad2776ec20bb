//! The client itself.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Method, RequestBuilder};
use rustls::ClientConfig;
use url::Url;

use crate::networks::AllowedNetworks;
use crate::reach::Reach;
use crate::resolver::{GuardedResolver, Names, Refused, SystemNames, check_literal, literal};
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

/// What a client takes for given: how names become addresses, and whose certificates are believed besides
/// Mozilla's roots.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// Who is asked for the addresses of a name.
    pub names: Arc<dyn Names>,
    /// A PEM file of further certificate authorities.
    pub roots: Option<PathBuf>,
}

impl Surroundings {
    /// The system's resolver, and the file that the environment variable `SSL_CERT_FILE` names.
    pub fn of_process() -> Self {
        let roots = std::env::var_os(tls::SSL_CERT_FILE).filter(|path| !path.is_empty());
        Self {
            names: Arc::new(SystemNames),
            roots: roots.map(PathBuf::from),
        }
    }

    /// A client for a server that the user named, and that may therefore stand at any address but those of
    /// a cloud's metadata: Octopus. It follows no redirects and waits in silence as long as the caller's
    /// deadline lets it, because Octopus answers some calls only after it has asked many feeds.
    ///
    /// An address in the place of the name is the caller's to judge, by [`check_named_server`].
    ///
    /// # Errors
    /// When the roots cannot be read or the client not be made.
    pub fn named_server_client(&self) -> Result<Client, ClientError> {
        Ok(builder(self, &self.tls()?, &Reach::Named)
            .redirect(Policy::none())
            .build()?)
    }

    fn tls(&self) -> Result<ClientConfig, ClientError> {
        tls::config(self.roots.as_deref())
    }
}

/// Judges the address of a server that the user named. A name passes: its addresses are judged when they
/// are known.
///
/// # Errors
/// When it is an address at which a cloud keeps a machine's metadata.
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
}

/// A client that follows redirects and one that does not, with the same reach.
#[derive(Clone, Debug)]
struct Pair {
    reach: Reach,
    following: Client,
    staying: Client,
}

impl OutboundClient {
    /// A client that may reach `allowed` besides the public addresses. Reads the environment variable
    /// `SSL_CERT_FILE`.
    ///
    /// # Errors
    /// When the roots cannot be read or the client not be made.
    pub fn new(allowed: AllowedNetworks) -> Result<Self, ClientError> {
        Self::within(&Surroundings::of_process(), allowed)
    }

    /// The same in other surroundings.
    ///
    /// # Errors
    /// When the roots cannot be read or the client not be made.
    pub fn within(
        surroundings: &Surroundings,
        allowed: AllowedNetworks,
    ) -> Result<Self, ClientError> {
        let tls = surroundings.tls()?;
        Ok(Self {
            names: Arc::clone(&surroundings.names),
            open: Pair::new(surroundings, &tls, Reach::Public(allowed.clone()))?,
            inside: Pair::new(surroundings, &tls, Reach::Inside(allowed.clone()))?,
            allowed,
        })
    }

    /// The client underneath, for a URL that [`check`](Self::check) let pass. Names and redirects are
    /// judged on the way in any case.
    pub fn http(&self) -> &Client {
        &self.open.following
    }

    /// Starts a request, unless the URL is the literal of an address that may not be reached.
    ///
    /// # Errors
    /// In that case.
    pub fn request(&self, method: Method, url: Url) -> Result<RequestBuilder, Refused> {
        self.check(&url)?;
        Ok(self.open.following.request(method, url))
    }

    /// As [`request`](Self::request), but a redirect is the answer and is not followed: for requests whose
    /// credential is for one place alone.
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

    /// This client as it reaches the networks that the user allowed and nothing else, not even what is
    /// public: for what could be overheard on the way. A name whose addresses were inside when
    /// [`is_within_allowed`](Self::is_within_allowed) looked, and are not when the connection is made, is
    /// refused.
    #[must_use]
    pub fn confined(&self) -> Self {
        Self {
            open: self.inside.clone(),
            ..self.clone()
        }
    }

    /// Judges a URL before its first use. A name passes: its addresses are judged when they are known.
    ///
    /// # Errors
    /// When the URL is the literal of an address that may not be reached.
    pub fn check(&self, url: &Url) -> Result<(), Refused> {
        check_literal(url, &self.open.reach)
    }

    /// Whether the URL's host lies wholly in the networks that the user allowed, so that what is said to
    /// it stays where the user meant. A name that does not resolve does not.
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

/// As [`Surroundings::named_server_client`], in those of the process.
///
/// # Errors
/// When the roots cannot be read or the client not be made.
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
