//! Logs in to ECR's registry protocol with the function's role, to read manifests and configurations.

use std::cell::RefCell;
use std::collections::HashMap;

use aws_sdk_ecr::Client;
use aws_sdk_ecr::types::AuthorizationData;
use domain::ecr::EcrRegistry;
use domain::feed::Feed;
use engine::ports::FeedError;
use secrecy::SecretString;
use tokio::time::{Duration, Instant};

use super::failure;

/// How long a token is used. ECR's tokens are valid for twelve hours.
const TOKEN_AGE: Duration = Duration::from_secs(3_600);

/// A login at a private registry.
#[derive(Clone, Debug)]
pub struct EcrLogin {
    /// The feed at the address that AWS returned, whatever its URL in Octopus is.
    pub feed: Feed,
    /// The value of `Authorization`.
    pub authorization: SecretString,
}

/// The last token of each region.
#[derive(Default)]
pub(super) struct Tokens(RefCell<HashMap<String, Token>>);

struct Token {
    endpoint: String,
    authorization: SecretString,
    received: Instant,
}

impl Tokens {
    /// Logs in to a registry. With `refresh`, no earlier token is used.
    pub(super) async fn login(
        &self,
        client: &Client,
        feed: &Feed,
        registry: &EcrRegistry,
        refresh: bool,
    ) -> Result<EcrLogin, FeedError> {
        let login = |token: &Token| EcrLogin {
            feed: Feed {
                uri: Some(token.endpoint.clone()),
                registry_path: Some(registry.prefix().to_owned()),
                ..feed.clone()
            },
            authorization: token.authorization.clone(),
        };
        let is_usable = |token: &&Token| !refresh && token.received.elapsed() < TOKEN_AGE;
        if let Some(token) = self.0.borrow().get(&registry.region).filter(is_usable) {
            return Ok(login(token));
        }
        let answer = client.get_authorization_token().send().await;
        let answer = answer.map_err(|error| failure::no_login(feed, registry, error))?;
        let data = answer.authorization_data.unwrap_or_default();
        let token = data.into_iter().find_map(token);
        let token = token.ok_or_else(|| failure::no_token(feed))?;
        let found = login(&token);
        self.0.borrow_mut().insert(registry.region.clone(), token);
        Ok(found)
    }
}

fn token(data: AuthorizationData) -> Option<Token> {
    Some(Token {
        endpoint: data.proxy_endpoint?,
        authorization: format!("Basic {}", data.authorization_token?).into(),
        received: Instant::now(),
    })
}
