//! The tokens that are held: in memory only, each under everything that it depends on.
//!
//! A token may be good for several repositories, which were asked for together. It is then held under each
//! of them, and so never used for one that it was not asked for.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use reqwest::header::HeaderValue;
use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;

use super::token::{Token, TokenKey};
use crate::lock;

/// More tokens than this are not kept: a thousand repositories of a few registries.
const MOST_TOKENS: usize = 4_096;

/// The tokens that are held.
#[derive(Default)]
pub(crate) struct Tokens {
    held: Mutex<HashMap<TokenKey, Held>>,
    /// Whoever asks holds the lock, so that others wait for the same token.
    asking: Mutex<HashMap<TokenKey, Arc<tokio::sync::Mutex<()>>>>,
    /// What a token for several repositories is not good enough for.
    apart: Mutex<HashSet<TokenKey>>,
}

struct Held {
    authorization: HeaderValue,
    until: Instant,
    /// It is held under other keys too.
    is_shared: bool,
}

impl Tokens {
    /// The token under `key`; `None` if there is none, if it is about to end, or if it is `stale`, the one
    /// that was just refused. A key whose share of a token was refused gets one of its own from then on.
    pub(crate) fn get(&self, key: &TokenKey, stale: Option<&HeaderValue>) -> Option<HeaderValue> {
        let held = lock(&self.held);
        let held = held.get(key)?;
        if stale == Some(&held.authorization) {
            if held.is_shared {
                self.set_apart([key]);
            }
            return None;
        }
        (held.until > Instant::now()).then(|| held.authorization.clone())
    }

    /// Keeps a token that is good for each of these. Gives what to send.
    pub(crate) fn keep(&self, keys: Vec<TokenKey>, token: Token) -> HeaderValue {
        // A tenth is left over for the way and for clocks.
        let until = Instant::now() + token.life.mul_f32(0.9);
        let is_shared = keys.len() > 1;
        let mut held = lock(&self.held);
        for key in keys {
            if held.len() >= MOST_TOKENS && !held.contains_key(&key) {
                held.clear();
            }
            let authorization = token.authorization.clone();
            let kept = Held {
                authorization,
                until,
                is_shared,
            };
            held.insert(key, kept);
        }
        token.authorization
    }

    /// Waits until nobody else asks for the same.
    pub(crate) async fn turn(&self, key: TokenKey) -> OwnedMutexGuard<()> {
        let turn = {
            let mut asking = lock(&self.asking);
            if asking.len() >= MOST_TOKENS && !asking.contains_key(&key) {
                asking.clear();
            }
            Arc::clone(asking.entry(key).or_default())
        };
        turn.lock_owned().await
    }

    /// Notes that each of these needs a token of its own.
    pub(crate) fn set_apart<'k>(&self, keys: impl IntoIterator<Item = &'k TokenKey>) {
        let mut apart = lock(&self.apart);
        for key in keys {
            if apart.len() >= MOST_TOKENS {
                apart.clear();
            }
            apart.insert(key.clone());
        }
    }

    /// Whether this needs a token of its own.
    pub(crate) fn is_apart(&self, key: &TokenKey) -> bool {
        lock(&self.apart).contains(key)
    }

    /// Whether what was sent is a token for several repositories.
    pub(crate) fn is_shared(&self, authorization: &HeaderValue) -> bool {
        let held = lock(&self.held);
        let mut held = held.values();
        held.any(|held| held.is_shared && held.authorization == *authorization)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use url::Url;

    use super::*;
    use crate::auth::challenge::Bearer;
    use crate::auth::token::parse;

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
    async fn a_token_is_held_until_it_ends_or_is_refused() {
        let tokens = Tokens::default();
        assert_eq!(tokens.get(&key("a"), None), None);
        let one = tokens.keep(vec![key("a")], token("1"));
        assert_eq!(tokens.get(&key("a"), None).as_ref(), Some(&one));
        assert_eq!(tokens.get(&key("b"), None), None);
        assert_eq!(tokens.get(&key("a"), Some(&one)), None);
        assert!(!tokens.is_apart(&key("a")), "it was alone");
        let fresh = tokens.keep(vec![key("a")], token("2"));
        assert_eq!(tokens.get(&key("a"), Some(&one)), Some(fresh));
        tokio::time::advance(Duration::from_secs(55)).await;
        assert_eq!(tokens.get(&key("a"), None), None);
    }

    #[test]
    fn who_is_refused_a_shared_token_is_set_apart_and_the_others_keep_it() {
        let tokens = Tokens::default();
        let shared = tokens.keep(vec![key("a"), key("b")], token("1"));
        assert!(tokens.is_shared(&shared));
        assert_eq!(tokens.get(&key("b"), Some(&shared)), None);
        assert!(tokens.is_apart(&key("b")) && !tokens.is_apart(&key("a")));
        assert_eq!(tokens.get(&key("a"), None).as_ref(), Some(&shared));
        let own = tokens.keep(vec![key("b")], token("2"));
        assert!(!tokens.is_shared(&own));
        assert_eq!(tokens.get(&key("b"), Some(&shared)), Some(own));
    }

    #[tokio::test(start_paused = true)]
    async fn of_several_who_ask_at_once_one_asks() {
        let tokens = Tokens::default();
        let turn = tokens.turn(key("a")).await;
        assert!(
            tokio::time::timeout(Duration::from_secs(1), tokens.turn(key("a")))
                .await
                .is_err()
        );
        drop(tokens.turn(key("b")).await);
        drop(turn);
        drop(tokens.turn(key("a")).await);
    }
}
