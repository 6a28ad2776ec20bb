//! Packages of feeds: stored in the world, or read from a real registry or Helm repository over HTTP.
//!
//! A [`Source`] is copied from the world under its lock and read after the lock is released.

mod helm;
mod query;
mod registry;
mod token;

use std::time::Duration;

use futures_util::StreamExt;
use reqwest::header::{ACCEPT, LINK};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

pub(crate) use query::{Condition, Query};

use crate::world::{Feed, Space, StoredPackage, StoredVersion, same};

/// Timeout of one request to a feed.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Maximum size of a document: Helm's largest public index has about 30 MB.
const LONGEST_DOCUMENT: usize = 64 << 20;

/// Where a feed's packages are found.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// In the world.
    StoredVersion(Vec<StoredPackage>),
    /// Images in an OCI registry: `/v2/`.
    Registry(Remote),
    /// Charts in an OCI registry.
    Charts(Remote),
    /// In a Helm repository: `index.yaml`.
    Helm(Remote),
}

/// A feed that is read over HTTP.
#[derive(Clone, Debug)]
pub(crate) struct Remote {
    /// The feed's name, for messages.
    feed: String,
    base: Option<Url>,
    username: Option<String>,
    password: Option<SecretString>,
}

/// A feed's document.
struct Document {
    body: Vec<u8>,
    /// The `Link` header, where there is a next page.
    link: Option<String>,
}

/// A feed could not be read. The message is shown to the caller of Octopus.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FeedError {
    #[error("The feed '{feed}' has no usable address.")]
    NoAddress { feed: String },
    #[error("The feed '{feed}' could not be reached.")]
    Unreachable {
        feed: String,
        source: reqwest::Error,
    },
    #[error("The feed '{feed}' answered {status}.")]
    Refused { feed: String, status: StatusCode },
    #[error("The feed '{feed}' returned an unreadable answer.")]
    Malformed { feed: String },
    #[error("The feed '{feed}' returned an answer that is too long.")]
    TooLong { feed: String },
}

/// The HTTP client for every feed.
pub(crate) fn http_client() -> anyhow::Result<Client> {
    // Another crate of the same program may have chosen the provider already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Ok(Client::builder().timeout(TIMEOUT).build()?)
}

impl Source {
    /// Where the packages of `feed` are found.
    pub(crate) fn of(space: &Space, feed: &Feed) -> Self {
        match feed.kind.as_str() {
            "Docker"
            | "AwsElasticContainerRegistry"
            | "AzureContainerRegistry"
            | "GoogleContainerRegistry"
                if feed.stock.is_empty() =>
            {
                Self::Registry(Remote::of(feed))
            }
            "OciRegistry" if feed.stock.is_empty() => Self::Charts(Remote::of(feed)),
            "Helm" if feed.stock.is_empty() => Self::Helm(Remote::of(feed)),
            "OctopusProject" => Self::StoredVersion(releases(space)),
            _ => Self::StoredVersion(feed.stock.clone()),
        }
    }

    /// Every version of a package, in no particular order. A missing package has none.
    pub(crate) async fn versions(
        &self,
        http: &Client,
        package: &str,
    ) -> Result<Vec<StoredVersion>, FeedError> {
        match self {
            Self::StoredVersion(stock) => {
                let found = stock.iter().find(|stock| same(&stock.id, package));
                Ok(found
                    .map(|stock| stock.versions.clone())
                    .unwrap_or_default())
            }
            Self::Registry(remote) => registry::tags(http, remote, package).await,
            Self::Charts(remote) => registry::charts(http, remote, package).await,
            Self::Helm(remote) => helm::versions(http, remote, package).await,
        }
    }

    /// The packages whose id contains `term`.
    pub(crate) async fn search(&self, http: &Client, term: &str) -> Result<Vec<String>, FeedError> {
        let ids = match self {
            Self::StoredVersion(stock) => stock.iter().map(|stock| stock.id.clone()).collect(),
            Self::Registry(remote) | Self::Charts(remote) => {
                registry::catalog(http, remote).await?
            }
            Self::Helm(remote) => helm::charts(http, remote).await?,
        };
        let term = term.to_lowercase();
        Ok(ids
            .into_iter()
            .filter(|id| id.to_lowercase().contains(&term))
            .collect())
    }
}

/// Every project as a package, with its releases as versions.
fn releases(space: &Space) -> Vec<StoredPackage> {
    let stored = |release: &crate::world::Release| StoredVersion {
        version: release.version.clone(),
        published: Some(release.assembled),
    };
    let stock = |project: &crate::world::Project| StoredPackage {
        id: project.id.clone(),
        versions: project.releases.iter().map(stored).collect(),
    };
    space.projects.iter().map(stock).collect()
}

impl Remote {
    fn of(feed: &Feed) -> Self {
        Self {
            feed: feed.name.clone(),
            base: feed.uri.as_deref().and_then(address),
            username: feed.username.clone(),
            password: feed.password.clone(),
        }
    }

    /// The feed's address with `path` below it.
    fn at(&self, path: &str) -> Result<Url, FeedError> {
        self.base
            .as_ref()
            .and_then(|base| base.join(path).ok())
            .ok_or_else(|| FeedError::NoAddress {
                feed: self.feed.clone(),
            })
    }

    /// One document, or `None` where there is none. A registry that asks for a token gets one.
    async fn get(&self, http: &Client, url: Url) -> Result<Option<Document>, FeedError> {
        let mut response = self.send(self.signed(http.get(url.clone()))).await?;
        if response.status() == StatusCode::UNAUTHORIZED
            && let Some(realm) = token::realm(&response)
        {
            let granted = self
                .read(self.send(self.signed(http.get(realm))).await?)
                .await?;
            let token = granted.and_then(|document| token::token(&document.body));
            let token = token.ok_or_else(|| FeedError::Malformed {
                feed: self.feed.clone(),
            })?;
            response = self
                .send(http.get(url).bearer_auth(token.expose_secret()))
                .await?;
        }
        self.read(response).await
    }

    fn signed(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.username {
            Some(username) => request.basic_auth(
                username,
                self.password.as_ref().map(ExposeSecret::expose_secret),
            ),
            None => request,
        }
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, FeedError> {
        let request = request.header(ACCEPT, "application/json, application/yaml, */*");
        request
            .send()
            .await
            .map_err(|error| self.unreachable(error))
    }

    async fn read(&self, response: Response) -> Result<Option<Document>, FeedError> {
        match response.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Ok(None),
            status => {
                return Err(FeedError::Refused {
                    feed: self.feed.clone(),
                    status,
                });
            }
        }
        let link = response
            .headers()
            .get(LINK)
            .and_then(|link| link.to_str().ok())
            .map(str::to_owned);
        let mut body = Vec::new();
        let mut chunks = response.bytes_stream();
        while let Some(chunk) = chunks.next().await {
            body.extend_from_slice(&chunk.map_err(|error| self.unreachable(error))?);
            if body.len() > LONGEST_DOCUMENT {
                return Err(FeedError::TooLong {
                    feed: self.feed.clone(),
                });
            }
        }
        Ok(Some(Document { body, link }))
    }

    fn unreachable(&self, error: reqwest::Error) -> FeedError {
        FeedError::Unreachable {
            feed: self.feed.clone(),
            source: error.without_url(),
        }
    }
}

/// A feed's address as a folder. `oci://` is spoken over HTTPS, except on loopback.
fn address(uri: &str) -> Option<Url> {
    let uri = match uri.strip_prefix("oci://") {
        Some(rest) if rest.starts_with("127.0.0.1") || rest.starts_with("localhost") => {
            format!("http://{rest}")
        }
        Some(rest) => format!("https://{rest}"),
        None => uri.to_owned(),
    };
    Url::parse(&format!("{}/", uri.trim_end_matches('/'))).ok()
}
