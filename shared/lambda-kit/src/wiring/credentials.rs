//! The credentials of feeds that are read directly.
//!
//! A secret of a feed holds `{"feedId": "Feeds-1001", "username": "...", "password": "..."}`, with
//! `"tokenHosts": ["..."]` if the registry's token server has a name of its own.

use std::sync::Arc;

use aws::{SecretError, Secrets};
use domain::feed::Feed;
use domain::ids::FeedId;
use engine::ports::{FeedError, FeedErrorKind};
use feeds::{Credential, Credentials};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

/// The secrets of feeds, each with what it says of itself.
pub(super) struct FeedSecrets {
    secrets: Secrets,
    known: Vec<(String, FeedId, Vec<String>)>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FeedSecret {
    feed_id: String,
    username: String,
    password: SecretString,
    #[serde(default)]
    token_hosts: Vec<String>,
}

/// A secret of a feed that cannot be used. It never shows what the secret holds.
#[derive(Debug, thiserror::Error)]
pub(super) enum FeedSecretError {
    /// It cannot be read.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// It does not hold what it should.
    #[error(
        "the secret {arn} does not hold {{\"feedId\": ..., \"username\": ..., \"password\": ...}} \
         as JSON (line {line}, column {column})"
    )]
    Content {
        arn: String,
        line: usize,
        column: usize,
    },
}

impl Credentials for FeedSecrets {
    async fn credential(
        &self,
        feed: &Feed,
        refresh: bool,
    ) -> Result<Option<Credential>, FeedError> {
        let Some(arn) = self.arn(&feed.id) else {
            return Ok(None);
        };
        let secret = self.secret(arn, refresh).await;
        secret
            .map(|secret| Some(secret.into_credential()))
            .map_err(|source| FeedError {
                message: format!("the secret of the feed {} cannot be used", feed.name),
                kind: FeedErrorKind::Denied,
                source: Some(Arc::new(source)),
            })
    }

    fn token_hosts(&self, feed: &Feed) -> Vec<String> {
        let known = self.known.iter().find(|(_, known, _)| *known == feed.id);
        known.map(|(.., hosts)| hosts.clone()).unwrap_or_default()
    }
}

impl FeedSecrets {
    pub(super) async fn read(secrets: Secrets, arns: Vec<String>) -> Result<Self, FeedSecretError> {
        let mut read = Self {
            secrets,
            known: Vec::new(),
        };
        for arn in arns {
            let FeedSecret {
                feed_id,
                token_hosts,
                ..
            } = read.secret(&arn, false).await?;
            read.known.push((arn, FeedId::new(feed_id), token_hosts));
        }
        Ok(read)
    }

    pub(super) fn feeds(&self) -> Vec<FeedId> {
        self.known.iter().map(|(_, feed, _)| feed.clone()).collect()
    }

    fn arn(&self, feed: &FeedId) -> Option<&str> {
        self.known
            .iter()
            .find(|(_, known, _)| known == feed)
            .map(|(arn, ..)| arn.as_str())
    }

    async fn secret(&self, arn: &str, refresh: bool) -> Result<FeedSecret, FeedSecretError> {
        let text = self.secrets.get(arn, refresh).await?;
        serde_json::from_str(text.expose_secret()).map_err(|error| FeedSecretError::Content {
            arn: arn.to_owned(),
            line: error.line(),
            column: error.column(),
        })
    }
}

impl FeedSecret {
    fn into_credential(self) -> Credential {
        Credential::Basic {
            username: self.username,
            password: self.password,
        }
    }
}
