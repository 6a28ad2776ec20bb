//! Fetches secrets from Secrets Manager and caches them in memory.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_secretsmanager::Client;
use engine::with_causes;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::{AwsContext, BoxError, OnFirstUse};

/// How long a secret is cached. A secret that is rotated earlier is refused by its server and then fetched again
/// at once.
const CACHE_TTL: Duration = Duration::from_secs(300);

/// The field of a JSON secret that contains the Octopus API key.
const API_KEY: &str = "apiKey";

/// Fetches each secret at most once in five minutes. Concurrent callers share one fetch.
pub struct Secrets {
    client: Arc<OnFirstUse<Client>>,
    cache: Mutex<HashMap<String, Cached>>,
}

struct Cached {
    text: SecretString,
    fetched: Instant,
}

/// A secret could not be read. The error never contains the secret's text.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    #[error(
        "cannot read the secret {arn}; check that it exists and that the function's role may read it"
    )]
    Unreadable {
        arn: String,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    #[cfg(feature = "operator")]
    #[error("cannot write the secret {arn}; check the permission secretsmanager:PutSecretValue")]
    Unwritable {
        arn: String,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    #[error("the secret {arn} has no text; store it as a secret string")]
    NoText { arn: String },
    #[error(
        "the secret {arn} is JSON without a text field `apiKey`; add it, or store the key alone"
    )]
    NoApiKey { arn: String },
}

impl Secrets {
    /// Makes no request.
    pub fn new(context: &AwsContext) -> Self {
        Self {
            client: context.client(Client::new),
            cache: Mutex::default(),
        }
    }

    /// The text of a secret. `refresh` bypasses the cache, for a secret that a server has refused.
    ///
    /// # Errors
    /// [`SecretError::Unreadable`] and [`SecretError::NoText`]. The cached text is kept for the next call.
    pub async fn get(&self, arn: &str, refresh: bool) -> Result<SecretString, SecretError> {
        let mut cache = self.cache.lock().await;
        if let Some(cached) = cache.get(arn)
            && !refresh
            && cached.fetched.elapsed() < CACHE_TTL
        {
            return Ok(cached.text.clone());
        }
        let text = self.fetch(arn).await?;
        cache.insert(
            arn.to_owned(),
            Cached {
                text: text.clone(),
                fetched: Instant::now(),
            },
        );
        Ok(text)
    }

    /// The Octopus API key in a secret: the whole text, or the field `apiKey` if it is JSON.
    ///
    /// # Errors
    /// As for [`get`](Self::get), and [`SecretError::NoApiKey`].
    pub async fn api_key(&self, arn: &str, refresh: bool) -> Result<SecretString, SecretError> {
        let text = self.get(arn, refresh).await?;
        api_key(text.expose_secret()).ok_or_else(|| SecretError::NoApiKey {
            arn: arn.to_owned(),
        })
    }

    /// Replaces the text of a secret.
    ///
    /// # Errors
    /// [`SecretError::Unwritable`].
    #[cfg(feature = "operator")]
    pub async fn put(&self, arn: &str, text: &SecretString) -> Result<(), SecretError> {
        let request = self.client.put_secret_value().secret_id(arn);
        let answer = request.secret_string(text.expose_secret()).send().await;
        match answer {
            Ok(_) => Ok(()),
            // As text: the SDK's error may contain the request.
            Err(error) => Err(SecretError::Unwritable {
                arn: arn.to_owned(),
                source: BoxError::from(with_causes(&error)),
            }),
        }
    }

    async fn fetch(&self, arn: &str) -> Result<SecretString, SecretError> {
        // As text: the SDK's error contains the whole response with the secret and prints it with `Debug`.
        let unreadable = |error: &dyn std::error::Error| SecretError::Unreadable {
            arn: arn.to_owned(),
            source: BoxError::from(with_causes(error)),
        };
        let answer = self.client.get_secret_value().secret_id(arn).send().await;
        answer
            .map_err(|error| unreadable(&error))?
            .secret_string
            .filter(|text| !text.trim().is_empty())
            .map(SecretString::from)
            .ok_or_else(|| SecretError::NoText {
                arn: arn.to_owned(),
            })
    }
}

fn api_key(text: &str) -> Option<SecretString> {
    let text = text.trim();
    if !text.starts_with('{') {
        return Some(text.to_owned().into());
    }
    let fields: serde_json::Value = serde_json::from_str(text).ok()?;
    let key = fields.get(API_KEY)?.as_str()?.trim();
    (!key.is_empty()).then(|| key.to_owned().into())
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn api_key_is_the_text_or_its_json_field() {
        let cases = [
            ("API-ABC\n", Some("API-ABC")),
            (r#"{"apiKey": "API-ABC", "note": 1}"#, Some("API-ABC")),
            (r#"{"apiKey": ""}"#, None),
            (r#"{"key": "API-ABC"}"#, None),
            ("{not json", None),
        ];
        for (text, expected) in cases {
            let key = api_key(text);
            assert_eq!(
                key.as_ref().map(ExposeSecret::expose_secret),
                expected,
                "{text}"
            );
        }
    }
}
