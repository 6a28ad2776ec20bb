//! The credentials of feeds that are read directly.
//!
//! A secret of a feed holds `{"feedId": "Feeds-1001", "username": "...", "password": "..."}`, with
//! `"tokenHosts": ["..."]` if the registry's token server has a name of its own.

use aws::{EcrTokens, SecretError, Secrets};
use domain::feed::{Feed, FeedKind};
use domain::ids::FeedId;
use engine::ports::{FeedError, FeedErrorKind};
use feeds::{Credential, Credentials};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

/// The credentials that a stack has.
pub struct StackCredentials {
    pub(super) ecr: EcrTokens,
    pub(super) own_account: String,
    pub(super) feeds: FeedSecrets,
}

impl Credentials for StackCredentials {
    async fn credential(
        &self,
        feed: &Feed,
        refresh: bool,
    ) -> Result<Option<Credential>, FeedError> {
        if let Some(arn) = self.feeds.arn(&feed.id) {
            let secret = self.feeds.secret(arn, refresh).await;
            return secret
                .map(|secret| Some(secret.into_credential()))
                .map_err(|source| {
                    denied(
                        format!("the secret of the feed {} cannot be used", feed.name),
                        source,
                    )
                });
        }
        if feed.kind != FeedKind::AwsElasticContainerRegistry {
            return Ok(None);
        }
        let region = feed.region.as_deref().ok_or_else(|| FeedError {
            message: format!("the ECR feed {} names no region in Octopus", feed.name),
            kind: FeedErrorKind::Misconfigured,
            source: None,
        })?;
        let account = feed.account.as_deref().unwrap_or(&self.own_account);
        let authorization = self.ecr.authorization(account, region, refresh).await;
        authorization
            .map(|token| Some(Credential::AuthorizationHeader(token)))
            .map_err(|source| {
                denied(
                    format!("the function's role cannot read the ECR feed {}", feed.name),
                    source,
                )
            })
    }

    fn token_hosts(&self, feed: &Feed) -> Vec<String> {
        self.feeds.token_hosts(&feed.id)
    }
}

fn denied<E>(message: String, source: E) -> FeedError
where
    E: std::error::Error + Send + Sync + 'static,
{
    FeedError {
        message,
        kind: FeedErrorKind::Denied,
        source: Some(std::sync::Arc::new(source)),
    }
}

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

    fn token_hosts(&self, feed: &FeedId) -> Vec<String> {
        let known = self.known.iter().find(|(_, known, _)| known == feed);
        known.map(|(.., hosts)| hosts.clone()).unwrap_or_default()
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
