//! Credentials of feeds.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use domain::feed::Feed;
use engine::ports::FeedError;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

/// A source of feed credentials.
#[expect(
    async_fn_in_trait,
    reason = "the engine runs on one thread and needs no Send"
)]
pub trait Credentials {
    /// Returns the credential of the feed, or `None` if it is read without one.
    ///
    /// `refresh` is false at first. After the feed has refused the credential, this is called again with
    /// `refresh`, at most once per read, and must not return a cached value. If it returns the same
    /// credential, that is not sent again.
    ///
    /// # Errors
    /// When the feed has a credential that is not available. No package is read then.
    async fn credential(&self, feed: &Feed, refresh: bool)
    -> Result<Option<Credential>, FeedError>;

    /// The only host, with the port if it is not the scheme's default, that the feed's credential may be sent to,
    /// in addition to its token servers. `None` permits the host of the feed's URL, whatever it is.
    fn host(&self, _feed: &Feed) -> Option<String> {
        None
    }

    /// Hosts of token servers, in addition to the registry's own, that the feed's credential may be sent
    /// to: `gitlab.example.com` for `registry.example.com`. Docker Hub's and gitlab.com's are built in.
    fn token_hosts(&self, _feed: &Feed) -> Vec<String> {
        Vec::new()
    }
}

/// A dyn-compatible form of [`Credentials`], so that the readers are not generic (ADR 0017).
pub(crate) trait AnyCredentials {
    fn credential<'a>(
        &'a self,
        feed: &'a Feed,
        refresh: bool,
    ) -> LocalBoxFuture<'a, Result<Option<Credential>, FeedError>>;

    fn host(&self, feed: &Feed) -> Option<String>;

    fn token_hosts(&self, feed: &Feed) -> Vec<String>;
}

impl<C: Credentials> AnyCredentials for C {
    fn credential<'a>(
        &'a self,
        feed: &'a Feed,
        refresh: bool,
    ) -> LocalBoxFuture<'a, Result<Option<Credential>, FeedError>> {
        Credentials::credential(self, feed, refresh).boxed_local()
    }

    fn host(&self, feed: &Feed) -> Option<String> {
        Credentials::host(self, feed)
    }

    fn token_hosts(&self, feed: &Feed) -> Vec<String> {
        Credentials::token_hosts(self, feed)
    }
}

/// A credential of a feed.
#[derive(Clone)]
pub enum Credential {
    /// A user and a password or token.
    Basic {
        username: String,
        /// The password or token.
        password: SecretString,
    },
    /// A complete value of `Authorization`, such as ECR's `Basic ...`. It is sent with the first request.
    AuthorizationHeader(SecretString),
}

/// A source without credentials, for public feeds.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoCredentials;

impl Credentials for NoCredentials {
    async fn credential(&self, _: &Feed, _: bool) -> Result<Option<Credential>, FeedError> {
        Ok(None)
    }
}

impl Credential {
    /// The value of `Authorization`, marked as sensitive; `None` if it contains characters that are not valid in a
    /// header.
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        let mut value = match self {
            Self::Basic { username, password } => {
                let pair = format!("{username}:{}", password.expose_secret());
                HeaderValue::try_from(format!("Basic {}", BASE64_STANDARD.encode(pair)))
            }
            Self::AuthorizationHeader(value) => HeaderValue::try_from(value.expose_secret()),
        }
        .ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Basic { username, .. } => f
                .debug_struct("Basic")
                .field("username", username)
                .finish_non_exhaustive(),
            Self::AuthorizationHeader(_) => f.write_str("AuthorizationHeader(..)"),
        }
    }
}
