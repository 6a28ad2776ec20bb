//! Authorization for ECR's registries, from the function's own role.

use std::collections::HashMap;
use std::fmt;
use std::time::{Duration, SystemTime};

use aws_sdk_ecr::Client;
use aws_sdk_ecr::config::{Builder, Region};
use aws_types::SdkConfig;
use secrecy::SecretString;
use tokio::sync::Mutex;

use crate::AwsContext;

/// A token lasts 12 hours. It is replaced so long before its end that no read starts with one that runs
/// out in its course.
const MARGIN: Duration = Duration::from_secs(15 * 60);

/// The longest name of a region that is believed; the longest real one has 16 letters.
const LONGEST_REGION: usize = 32;

/// Fetches tokens, one for each region, and keeps them until shortly before their end. Concurrent
/// callers share one fetch.
pub struct EcrTokens {
    config: SdkConfig,
    cache: Mutex<HashMap<String, Cached>>,
}

struct Cached {
    authorization: SecretString,
    expires: SystemTime,
}

/// A token that cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The name is that of no region. It becomes part of a host name, so it is not tried.
    #[error("`{region}` is not the name of an AWS region; correct it in the feed")]
    NoRegion {
        /// The name.
        region: String,
    },
    /// ECR did not give one.
    #[error(
        "cannot log in to the ECR registry {account} in {region}; the function's role needs \
         ecr:GetAuthorizationToken"
    )]
    Refused {
        /// The registry's account.
        account: String,
        /// Its region.
        region: String,
        /// What ECR said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl EcrTokens {
    /// Nothing is fetched yet.
    pub fn new(context: &AwsContext) -> Self {
        Self {
            config: context.config().clone(),
            cache: Mutex::default(),
        }
    }

    /// The value of `Authorization` for a registry. A token opens every registry of its region that the
    /// role may read. With `refresh` the one that was given before was refused, and another is fetched.
    ///
    /// # Errors
    /// See [`TokenError`].
    pub async fn authorization(
        &self,
        account: &str,
        region: &str,
        refresh: bool,
    ) -> Result<SecretString, TokenError> {
        if !is_region(region) {
            return Err(TokenError::NoRegion {
                region: region.to_owned(),
            });
        }
        let mut cache = self.cache.lock().await;
        if let Some(cached) = cache.get(region)
            && !refresh
            && SystemTime::now() + MARGIN < cached.expires
        {
            return Ok(cached.authorization.clone());
        }
        let fetched = self.fetch(account, region).await?;
        let authorization = fetched.authorization.clone();
        cache.insert(region.to_owned(), fetched);
        Ok(authorization)
    }

    async fn fetch(&self, account: &str, region: &str) -> Result<Cached, TokenError> {
        let refused = |source| TokenError::Refused {
            account: account.to_owned(),
            region: region.to_owned(),
            source,
        };
        let config = Builder::from(&self.config)
            .region(Region::new(region.to_owned()))
            .build();
        let answer = Client::from_conf(config)
            .get_authorization_token()
            .send()
            .await;
        let data = answer
            .map_err(|error| refused(error.into()))?
            .authorization_data;
        let data = data.and_then(|mut all| all.pop());
        let (token, expires) = data
            .and_then(|data| data.authorization_token.zip(data.expires_at))
            .ok_or_else(|| refused("the answer holds no token".into()))?;
        let expires = SystemTime::try_from(expires).map_err(|error| refused(error.into()))?;
        Ok(Cached {
            authorization: format!("Basic {token}").into(),
            expires,
        })
    }
}

fn is_region(text: &str) -> bool {
    (1..=LONGEST_REGION).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

impl fmt::Debug for EcrTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EcrTokens").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_region_never_becomes_part_of_a_host_name() {
        for region in ["eu-west-1", "us-gov-east-1", "cn-northwest-1"] {
            assert!(is_region(region), "{region}");
        }
        for region in [
            "",
            "evil.example.com/",
            "EU-WEST-1",
            "eu west",
            "a#",
            &"a".repeat(40),
        ] {
            assert!(!is_region(region), "{region}");
        }
    }
}
