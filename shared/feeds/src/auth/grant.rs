//! Credentials that are tokens themselves, for which the POST form of a token request exists.
//!
//! A reserved user name marks the password as such a token, as in Docker's configuration file and in Azure's
//! documentation.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::header::HeaderValue;
use secrecy::SecretString;

/// The user names with which Docker and Azure mark the password as a refresh token.
const REFRESH_USERS: [&str; 2] = ["<token>", "00000000-0000-0000-0000-000000000000"];

/// The user name that marks the password as an access token of Microsoft Entra ID.
const ENTRA_USER: &str = "<entra>";

/// The `client_id` that the POST form requires.
pub(crate) const CLIENT_ID: &str = "feed-triggers";

/// A credential that is a token.
pub(crate) enum Grant {
    /// It is exchanged for access tokens.
    Refresh(SecretString),
    /// It is exchanged for a refresh token first.
    Entra(SecretString),
}

impl Grant {
    /// The token in a value of `Authorization`; `None` if the password is not a token.
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

#[cfg(test)]
mod tests {
    use base64::Engine;
    use secrecy::ExposeSecret;

    use super::{BASE64_STANDARD, Grant, HeaderValue};

    #[test]
    fn reserved_user_names_mark_tokens() {
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
