//! Credentials that are tokens themselves, and the POST form of asking a token server, which is for them.
//!
//! A user name that nobody can have says that the password is such a token, as Docker's own settings and
//! Azure have it. What the server gives in exchange for further tokens is kept in memory.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::header::HeaderValue;
use secrecy::SecretString;
use tokio::time::Instant;

use super::token::TokenKey;
use crate::lock;

/// The users by which Docker and Azure say that the password is a refresh token.
const REFRESH_USERS: [&str; 2] = ["<token>", "00000000-0000-0000-0000-000000000000"];

/// The user by which the password is an access token of Microsoft Entra ID, to be exchanged.
const ENTRA_USER: &str = "<entra>";

/// Azure's refresh tokens live for three hours.
const REFRESH_LIFE: Duration = Duration::from_secs(150 * 60);

/// More refresh tokens than this are not kept.
const MOST_REFRESHES: usize = 256;

/// How the client calls itself, which the form asks for.
pub(crate) const CLIENT_ID: &str = "feed-triggers";

/// What a credential is, if it is a token.
pub(crate) enum Grant {
    /// It is exchanged for access tokens.
    Refresh(SecretString),
    /// It is exchanged for a refresh token first.
    Entra(SecretString),
}

impl Grant {
    /// What stands in a value of `Authorization`, if that is a token in the place of a password.
    pub(crate) fn of(credential: &HeaderValue) -> Option<Self> {
        let pair = credential.to_str().ok()?.strip_prefix("Basic ")?;
        let pair = String::from_utf8(BASE64_STANDARD.decode(pair).ok()?).ok()?;
        let (user, token) = pair.split_once(':')?;
        let token = SecretString::from(token);
        match user {
            ENTRA_USER => Some(Self::Entra(token)),
            user if REFRESH_USERS.contains(&user) => Some(Self::Refresh(token)),
            _ => None,
        }
    }
}

/// The refresh tokens that were given, by what they were given for.
#[derive(Default)]
pub(crate) struct Refreshes(Mutex<HashMap<TokenKey, (SecretString, Instant)>>);

impl Refreshes {
    /// The token that was given, unless it has ended.
    pub(crate) fn get(&self, key: &TokenKey) -> Option<SecretString> {
        let refreshes = lock(&self.0);
        let (token, until) = refreshes.get(key)?;
        (*until > Instant::now()).then(|| token.clone())
    }

    /// Keeps the token that was given last.
    pub(crate) fn keep(&self, key: TokenKey, token: SecretString) {
        let mut refreshes = lock(&self.0);
        if refreshes.len() >= MOST_REFRESHES && !refreshes.contains_key(&key) {
            refreshes.clear();
        }
        refreshes.insert(key, (token, Instant::now() + REFRESH_LIFE));
    }

    /// Forgets a token that was refused.
    pub(crate) fn forget(&self, key: &TokenKey) {
        lock(&self.0).remove(key);
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use secrecy::ExposeSecret;

    use super::{BASE64_STANDARD, Grant, HeaderValue};

    #[test]
    fn tokens_in_the_place_of_passwords_are_known() {
        let basic = |pair: &str| {
            HeaderValue::try_from(format!("Basic {}", BASE64_STANDARD.encode(pair))).unwrap()
        };
        for (credential, refresh, entra) in [
            (basic("<token>:s3:cret"), Some("s3:cret"), None),
            (
                basic("00000000-0000-0000-0000-000000000000:s3cret"),
                Some("s3cret"),
                None,
            ),
            (basic("<entra>:s3cret"), None, Some("s3cret")),
            (basic("joe:s3cret"), None, None),
            (basic("_json_key:{\"a\": 1}"), None, None),
            (basic("token"), None, None),
            (HeaderValue::from_static("Bearer <token>:x"), None, None),
            (HeaderValue::from_static("Basic %%%"), None, None),
        ] {
            let (found_refresh, found_entra) = match Grant::of(&credential) {
                Some(Grant::Refresh(token)) => (Some(token), None),
                Some(Grant::Entra(token)) => (None, Some(token)),
                None => (None, None),
            };
            let shown = |token: &Option<secrecy::SecretString>| {
                token.as_ref().map(|token| token.expose_secret().to_owned())
            };
            assert_eq!(shown(&found_refresh).as_deref(), refresh);
            assert_eq!(shown(&found_entra).as_deref(), entra);
        }
    }
}
