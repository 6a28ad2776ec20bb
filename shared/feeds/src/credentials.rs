//! Where a feed's credential comes from.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use domain::feed::Feed;
use engine::ports::FeedError;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

/// Knows the credentials of feeds.
#[expect(
    async_fn_in_trait,
    reason = "the engine runs on one thread and needs no Send"
)]
pub trait Credentials {
    /// The credential of the feed, or `None` if it is read without one.
    ///
    /// `refresh` is false at first. After the feed has refused the credential this is called again with
    /// `refresh`, at most once for a read: a cached answer is then to be thrown away. To return the same
    /// again is fine; it is not tried twice.
    ///
    /// # Errors
    /// When there should be a credential and it cannot be had. No package is read then.
    async fn credential(&self, feed: &Feed, refresh: bool)
    -> Result<Option<Credential>, FeedError>;

    /// Hosts of token servers, besides the registry's own, that the feed's credential may be sent to:
    /// `gitlab.example.com` for `registry.example.com`. Docker Hub's and gitlab.com's are known.
    fn token_hosts(&self, _feed: &Feed) -> Vec<String> {
        Vec::new()
    }
}

/// [`Credentials`] without their type, so that what reads feeds is compiled once.
pub(crate) trait AnyCredentials {
    fn credential<'a>(
        &'a self,
        feed: &'a Feed,
        refresh: bool,
    ) -> LocalBoxFuture<'a, Result<Option<Credential>, FeedError>>;

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

    fn token_hosts(&self, feed: &Feed) -> Vec<String> {
        Credentials::token_hosts(self, feed)
    }
}

/// What proves to a feed who we are.
#[derive(Clone)]
pub enum Credential {
    /// A user and a password or token.
    Basic {
        /// The user's name.
        username: String,
        /// The password or token.
        password: SecretString,
    },
    /// A ready-made value of `Authorization`, such as ECR's `Basic ...`. It is sent with the first
    /// request, without waiting to be asked.
    AuthorizationHeader(SecretString),
}

/// For feeds that are all open: never a credential.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoCredentials;

impl Credentials for NoCredentials {
    async fn credential(&self, _: &Feed, _: bool) -> Result<Option<Credential>, FeedError> {
        Ok(None)
    }
}

impl Credential {
    /// The value of `Authorization`, marked as secret; `None` if it holds characters that no header may.
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
