//! The credentials of feeds that are read directly, from the secrets in `FeedSecretArns`.
//!
//! A secret is JSON: `{"feedId": "Feeds-1001", "host": "registry.example.com", "username": "...",
//! "password": "..."}`, with `"tokenHosts": ["..."]` if the registry's token server has another host. The credential
//! is sent only to `host` and its token servers, whatever URL the feed has in Octopus or in a message.

use std::sync::Arc;

use aws::{SecretError, Secrets};
use domain::feed::Feed;
use domain::ids::FeedId;
use engine::ports::{FeedError, FeedErrorKind};
use feeds::{Credential, Credentials};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

/// The secrets of feeds.
pub(super) struct FeedSecrets {
    secrets: Secrets,
    bindings: Vec<Binding>,
}

/// The feed and the hosts of a secret, as read at the start.
struct Binding {
    arn: String,
    feed: FeedId,
    host: String,
    token_hosts: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FeedSecret {
    feed_id: String,
    host: String,
    username: String,
    password: SecretString,
    #[serde(default)]
    token_hosts: Vec<String>,
}

/// The secret of a feed cannot be used. The error never contains the secret's text.
#[derive(Debug, thiserror::Error)]
pub(super) enum FeedSecretError {
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error(
        "the secret {arn} is not {{\"feedId\": ..., \"host\": ..., \"username\": ..., \"password\": ...}} as \
         JSON (line {line}, column {column}); correct it"
    )]
    Content {
        arn: String,
        line: usize,
        column: usize,
    },
    #[error("the secret {arn} has an empty `host`; enter the host of the feed's URL")]
    NoHost { arn: String },
}

impl Credentials for FeedSecrets {
    async fn credential(
        &self,
        feed: &Feed,
        refresh: bool,
    ) -> Result<Option<Credential>, FeedError> {
        let Some(binding) = self.binding(feed) else {
            return Ok(None);
        };
        let secret = read(&self.secrets, &binding.arn, refresh).await;
        secret
            .map(|secret| Some(secret.into_credential()))
            .map_err(|source| FeedError {
                message: format!("cannot use the secret of feed {:?}", feed.name),
                kind: FeedErrorKind::Denied,
                source: Some(Arc::new(source)),
            })
    }

    fn host(&self, feed: &Feed) -> Option<String> {
        Some(self.binding(feed)?.host.clone())
    }

    fn token_hosts(&self, feed: &Feed) -> Vec<String> {
        let binding = self.binding(feed);
        binding
            .map(|binding| binding.token_hosts.clone())
            .unwrap_or_default()
    }
}

impl FeedSecrets {
    /// Reads the bindings of all secrets.
    pub(super) async fn read(secrets: Secrets, arns: Vec<String>) -> Result<Self, FeedSecretError> {
        let mut bindings = Vec::new();
        for arn in arns {
            let secret = read(&secrets, &arn, false).await?;
            if secret.host.trim().is_empty() {
                return Err(FeedSecretError::NoHost { arn });
            }
            bindings.push(Binding {
                arn,
                feed: FeedId::new(secret.feed_id),
                host: secret.host,
                token_hosts: secret.token_hosts,
            });
        }
        Ok(Self { secrets, bindings })
    }

    pub(super) fn feeds(&self) -> Vec<FeedId> {
        self.bindings.iter().map(|one| one.feed.clone()).collect()
    }

    fn binding(&self, feed: &Feed) -> Option<&Binding> {
        self.bindings.iter().find(|one| one.feed == feed.id)
    }
}

async fn read(secrets: &Secrets, arn: &str, refresh: bool) -> Result<FeedSecret, FeedSecretError> {
    let text = secrets.get(arn, refresh).await?;
    serde_json::from_str(text.expose_secret()).map_err(|error| FeedSecretError::Content {
        arn: arn.to_owned(),
        line: error.line(),
        column: error.column(),
    })
}

impl FeedSecret {
    fn into_credential(self) -> Credential {
        Credential::Basic {
            username: self.username,
            password: self.password,
        }
    }
}
