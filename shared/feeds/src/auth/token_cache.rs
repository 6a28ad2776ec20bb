//! The token cache, in memory only. The key contains everything that a token depends on.
//!
//! A token may be valid for several repositories that were requested together. The cache has it under the
//! key of each of them, so it is never used for a repository that it was not requested for.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::header::HeaderValue;
use secrecy::SecretString;
use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;

use super::token_request::{Token, TokenKey};
use crate::sync::lock;

/// The maximum number of cached tokens: a thousand repositories of each of a few registries.
const MAX_TOKENS: usize = 4_096;

/// Azure's refresh tokens live for three hours.
const REFRESH_LIFE: Duration = Duration::from_secs(150 * 60);

/// The maximum number of cached refresh tokens.
const MAX_REFRESH_TOKENS: usize = 256;

/// Access tokens. A full cache is cleared.
#[derive(Default)]
pub(crate) struct Tokens {
    tokens: Mutex<HashMap<TokenKey, CachedToken>>,
    /// Locks that are held while a token is requested, so that concurrent requests wait for the same token.
    fetching: Mutex<HashMap<TokenKey, Arc<tokio::sync::Mutex<()>>>>,
    /// Keys for which the server issues no shared token.
    own: Mutex<HashSet<TokenKey>>,
}

struct CachedToken {
    authorization: HeaderValue,
    until: Instant,
    /// The cache has it under other keys too.
    is_shared: bool,
}

impl Tokens {
    /// The token for `key`; `None` if there is none, if it is about to expire, or if it is `stale`, which was
    /// just refused. A key whose shared token was refused needs a token of its own from then on.
    pub(crate) fn get(&self, key: &TokenKey, stale: Option<&HeaderValue>) -> Option<HeaderValue> {
        let tokens = lock(&self.tokens);
        let tokens = tokens.get(key)?;
        if stale == Some(&tokens.authorization) {
            if tokens.is_shared {
                self.set_needs_own([key]);
            }
            return None;
        }
        (tokens.until > Instant::now()).then(|| tokens.authorization.clone())
    }

    /// Inserts a token that is valid for all of these keys. Returns the value of `Authorization`.
    pub(crate) fn insert(&self, keys: Vec<TokenKey>, token: Token) -> HeaderValue {
        // A tenth remains for latency and clock skew.
        let until = Instant::now() + token.life.mul_f32(0.9);
        let is_shared = keys.len() > 1;
        let mut tokens = lock(&self.tokens);
        for key in keys {
            if tokens.len() >= MAX_TOKENS && !tokens.contains_key(&key) {
                tokens.clear();
            }
            let authorization = token.authorization.clone();
            let kept = CachedToken {
                authorization,
                until,
                is_shared,
            };
            tokens.insert(key, kept);
        }
        token.authorization
    }

    /// Waits until no other request for the same token is in progress.
    pub(crate) async fn fetch_guard(&self, key: TokenKey) -> OwnedMutexGuard<()> {
        let guard = {
            let mut fetching = lock(&self.fetching);
            if fetching.len() >= MAX_TOKENS && !fetching.contains_key(&key) {
                fetching.clear();
            }
            Arc::clone(fetching.entry(key).or_default())
        };
        guard.lock_owned().await
    }

    /// Records that each of these keys needs a token of its own.
    pub(crate) fn set_needs_own<'k>(&self, keys: impl IntoIterator<Item = &'k TokenKey>) {
        let mut own = lock(&self.own);
        for key in keys {
            if own.len() >= MAX_TOKENS {
                own.clear();
            }
            own.insert(key.clone());
        }
    }

    /// Whether this key needs a token of its own.
    pub(crate) fn needs_own(&self, key: &TokenKey) -> bool {
        lock(&self.own).contains(key)
    }

    /// Whether the authorization is a token for several repositories.
    pub(crate) fn is_shared(&self, authorization: &HeaderValue) -> bool {
        let tokens = lock(&self.tokens);
        let mut tokens = tokens.values();
        tokens.any(|tokens| tokens.is_shared && tokens.authorization == *authorization)
    }
}

/// Refresh tokens, by the request that they were issued for. A full cache is cleared.
#[derive(Default)]
pub(crate) struct RefreshTokens(Mutex<HashMap<TokenKey, (SecretString, Instant)>>);

impl RefreshTokens {
    /// The cached token, unless it has expired.
    pub(crate) fn get(&self, key: &TokenKey) -> Option<SecretString> {
        let tokens = lock(&self.0);
        let (token, until) = tokens.get(key)?;
        (*until > Instant::now()).then(|| token.clone())
    }

    pub(crate) fn insert(&self, key: TokenKey, token: SecretString) {
        let mut tokens = lock(&self.0);
        if tokens.len() >= MAX_REFRESH_TOKENS && !tokens.contains_key(&key) {
            tokens.clear();
        }
        tokens.insert(key, (token, Instant::now() + REFRESH_LIFE));
    }

    /// Removes a token that was refused.
    pub(crate) fn remove(&self, key: &TokenKey) {
        lock(&self.0).remove(key);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use url::Url;

    use super::*;
    use crate::auth::challenge::Bearer;
    use crate::auth::token_request::parse;

    fn key(scope: &str) -> TokenKey {
        let registry = Url::parse("https://a").unwrap();
        let bearer = Bearer {
            realm: "https://a/token".to_owned(),
            service: None,
            scopes: vec![scope.to_owned()],
        };
        TokenKey::new(&registry, &registry, &bearer, None)
    }

    fn token(text: &str) -> Token {
        parse(format!(r#"{{"token":"{text}"}}"#).as_bytes()).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn token_is_cached_until_it_expires_or_is_refused() {
        let tokens = Tokens::default();
        assert_eq!(tokens.get(&key("a"), None), None);
        let one = tokens.insert(vec![key("a")], token("1"));
        assert_eq!(tokens.get(&key("a"), None).as_ref(), Some(&one));
        assert_eq!(tokens.get(&key("b"), None), None);
        assert_eq!(tokens.get(&key("a"), Some(&one)), None);
        assert!(!tokens.needs_own(&key("a")), "the token was not shared");
        let fresh = tokens.insert(vec![key("a")], token("2"));
        assert_eq!(tokens.get(&key("a"), Some(&one)), Some(fresh));
        tokio::time::advance(Duration::from_secs(55)).await;
        assert_eq!(tokens.get(&key("a"), None), None);
    }

    #[test]
    fn key_refused_with_shared_token_needs_its_own_and_others_keep_it() {
        let tokens = Tokens::default();
        let shared = tokens.insert(vec![key("a"), key("b")], token("1"));
        assert!(tokens.is_shared(&shared));
        assert_eq!(tokens.get(&key("b"), Some(&shared)), None);
        assert!(tokens.needs_own(&key("b")) && !tokens.needs_own(&key("a")));
        assert_eq!(tokens.get(&key("a"), None).as_ref(), Some(&shared));
        let own = tokens.insert(vec![key("b")], token("2"));
        assert!(!tokens.is_shared(&own));
        assert_eq!(tokens.get(&key("b"), Some(&shared)), Some(own));
    }

    #[tokio::test(start_paused = true)]
    async fn concurrent_requests_for_same_token_wait_for_the_first() {
        let tokens = Tokens::default();
        let guard = tokens.fetch_guard(key("a")).await;
        assert!(
            tokio::time::timeout(Duration::from_secs(1), tokens.fetch_guard(key("a")))
                .await
                .is_err()
        );
        drop(tokens.fetch_guard(key("b")).await);
        drop(guard);
        drop(tokens.fetch_guard(key("a")).await);
    }
}
