//! Token requests and answers, and the key of the token cache.
//!
//! The request is the GET form of the distribution project's token specification; `session::token_request` has the
//! POST form.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http_client::{from_json, lenient};
use reqwest::header::HeaderValue;
use secrecy::SecretString;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use url::Url;

use super::challenge::Bearer;

/// The maximum size of a token server's answer, in bytes.
pub(crate) const TOKEN_BYTES: usize = 128 << 10;

/// The minimum lifetime, and the default where the server sends none, by the specification.
const SHORTEST_LIFE: Duration = Duration::from_secs(60);

/// The maximum lifetime.
const LONGEST_LIFE: Duration = Duration::from_secs(12 * 60 * 60);

/// Everything that a token depends on.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct TokenKey {
    registry: String,
    realm: String,
    service: Option<String>,
    scopes: Vec<String>,
    /// A hash of the credential; `None` for anonymous tokens.
    identity: Option<[u8; 32]>,
}

/// A token of a token server.
#[derive(Clone)]
pub(crate) struct Token {
    /// The value of `Authorization`.
    pub(crate) authorization: HeaderValue,
    pub(crate) life: Duration,
    /// The refresh token, if the server sent one.
    pub(crate) refresh: Option<SecretString>,
}

/// An answer without a token.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TokenError {
    #[error("the token server's answer is not JSON")]
    Json(#[from] serde_json::Error),
    #[error("the token server's answer contains no valid token")]
    NoToken,
}

impl TokenKey {
    pub(crate) fn new(
        registry: &Url,
        realm: &Url,
        bearer: &Bearer,
        credential: Option<&HeaderValue>,
    ) -> Self {
        Self {
            registry: registry.origin().ascii_serialization(),
            realm: realm.to_string(),
            service: bearer.service.clone(),
            scopes: bearer.scopes.clone(),
            identity: credential.map(|credential| Sha256::digest(credential.as_bytes()).into()),
        }
    }
}

/// The URL of a token request. The query of the realm is kept.
pub(crate) fn url(realm: &Url, bearer: &Bearer) -> Url {
    let mut url = realm.clone();
    if bearer.service.is_some() || !bearer.scopes.is_empty() {
        let mut query = url.query_pairs_mut();
        query.extend_pairs(bearer.service.iter().map(|service| ("service", service)));
        query.extend_pairs(bearer.scopes.iter().map(|scope| ("scope", scope)));
    }
    url
}

/// The token in a token server's answer.
pub(crate) fn parse(body: &[u8]) -> Result<Token, TokenError> {
    #[derive(Deserialize)]
    struct Answer {
        #[serde(default, deserialize_with = "lenient")]
        token: Option<String>,
        #[serde(default, deserialize_with = "lenient")]
        access_token: Option<String>,
        #[serde(default, deserialize_with = "lenient")]
        expires_in: Option<f64>,
        #[serde(default, deserialize_with = "lenient")]
        refresh_token: Option<String>,
    }
    let answer: Answer = from_json(body)?;
    let token = [answer.access_token, answer.token]
        .into_iter()
        .flatten()
        .find(|token| !token.is_empty())
        .ok_or(TokenError::NoToken)?;
    let mut authorization =
        HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| TokenError::NoToken)?;
    authorization.set_sensitive(true);
    let life = match answer.expires_in {
        Some(seconds) => Duration::try_from_secs_f64(seconds).ok(),
        None => life_within(&token),
    };
    let life = life.unwrap_or_default().clamp(SHORTEST_LIFE, LONGEST_LIFE);
    let refresh = answer.refresh_token.filter(|token| !token.is_empty());
    Ok(Token {
        authorization,
        life,
        refresh: refresh.map(SecretString::from),
    })
}

/// The lifetime in a token that is a JWT, for servers that do not send one, such as Azure: the difference of `exp`
/// and `iat`. The signature is not verified; the registry does that.
fn life_within(token: &str) -> Option<Duration> {
    #[derive(Deserialize)]
    struct Claims {
        #[serde(default, deserialize_with = "lenient")]
        iat: Option<f64>,
        #[serde(default, deserialize_with = "lenient")]
        exp: Option<f64>,
    }
    let claims = token.split('.').nth(1)?;
    let claims = BASE64_URL_SAFE_NO_PAD.decode(claims).ok()?;
    let claims: Claims = from_json(&claims).ok()?;
    Duration::try_from_secs_f64(claims.exp? - claims.iat?).ok()
}

#[cfg(test)]
mod tests {
    use super::{Bearer, Duration, TokenKey, Url, parse, url};

    fn bearer(scopes: &[&str]) -> Bearer {
        Bearer {
            realm: "https://a/token?x=1".to_owned(),
            service: Some("my service".to_owned()),
            scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
        }
    }

    #[test]
    fn token_and_lifetime_are_parsed() {
        let minute = Duration::from_secs(60);
        for (body, token, life) in [
            (r#"{"token":"a"}"#, "Bearer a", minute),
            (
                r#"{"token":"a","access_token":"b","expires_in":300}"#,
                "Bearer b",
                5 * minute,
            ),
            (
                r#"{"token":"a","access_token":"","expires_in":30}"#,
                "Bearer a",
                minute,
            ),
            (
                r#"{"access_token":"b","expires_in":-1,"issued_at":7}"#,
                "Bearer b",
                minute,
            ),
            (
                r#"{"access_token":"b","expires_in":1e99}"#,
                "Bearer b",
                minute,
            ),
            (
                r#"{"access_token":"b","expires_in":99999999}"#,
                "Bearer b",
                720 * minute,
            ),
            // {"iat":1700000000,"exp":1700004500}
            (
                r#"{"access_token":"e30.eyJpYXQiOjE3MDAwMDAwMDAsImV4cCI6MTcwMDAwNDUwMH0.c2ln"}"#,
                "Bearer e30.eyJpYXQiOjE3MDAwMDAwMDAsImV4cCI6MTcwMDAwNDUwMH0.c2ln",
                75 * minute,
            ),
            (r#"{"access_token":"a.b.c"}"#, "Bearer a.b.c", minute),
            // Advisory fields of other types.
            (
                r#"{"token":"a","expires_in":"300"}"#,
                "Bearer a",
                5 * minute,
            ),
            (r#"{"token":"a","expires_in":"soon"}"#, "Bearer a", minute),
            (r#"{"token":"a","expires_in":null}"#, "Bearer a", minute),
            (r#"{"token":"a","expires_in":[300]}"#, "Bearer a", minute),
            (r#"{"token":"a","expires_in":{"s":1}}"#, "Bearer a", minute),
            (r#"{"token":"a","expires_in":true}"#, "Bearer a", minute),
            (r#"{"token":"a","refresh_token":7}"#, "Bearer a", minute),
            (r#"{"token":7,"access_token":"b"}"#, "Bearer b", minute),
            (r#"{"token":"a","access_token":{}}"#, "Bearer a", minute),
            (
                r#"{"token":"a","issued_at":7,"scope":["x"]}"#,
                "Bearer a",
                minute,
            ),
        ] {
            let read = parse(body.as_bytes()).unwrap();
            assert_eq!(
                (read.authorization.to_str().unwrap(), read.life),
                (token, life),
                "{body}"
            );
            assert!(read.authorization.is_sensitive());
        }
        for body in [
            "",
            "{}",
            "<html>",
            r#"{"token":null}"#,
            r#"{"token":"a\nb"}"#,
            r#"{"token":7}"#,
        ] {
            assert!(parse(body.as_bytes()).is_err(), "{body}");
        }
    }

    #[test]
    fn request_contains_service_and_scope() {
        let realm = Url::parse("https://a/token?x=1").unwrap();
        assert_eq!(
            url(&realm, &bearer(&["repository:a/b:pull"])).as_str(),
            "https://a/token?x=1&service=my+service&scope=repository%3Aa%2Fb%3Apull"
        );
        let nothing = Bearer {
            service: None,
            ..bearer(&[])
        };
        assert_eq!(url(&realm, &nothing), realm);
    }

    #[test]
    fn token_key_depends_on_credential() {
        let (registry, one) = (
            Url::parse("https://a").unwrap(),
            "Basic YTpi".parse().unwrap(),
        );
        let key = |credential| TokenKey::new(&registry, &registry, &bearer(&[]), credential);
        assert!(key(None) != key(Some(&one)));
        assert!(key(Some(&"Basic YTpj".parse().unwrap())) != key(Some(&one)));
    }
}
