//! Tokens of registries: a 401 names a realm, and the realm returns a token for one scope.

use reqwest::Response;
use reqwest::header::WWW_AUTHENTICATE;
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

/// A realm's answer; registries use either name, or both.
#[derive(Deserialize)]
struct Grant {
    token: Option<SecretString>,
    access_token: Option<SecretString>,
}

/// The token URL with service and scope, if the answer requires a token.
pub(super) fn realm(response: &Response) -> Option<Url> {
    let challenge = response.headers().get(WWW_AUTHENTICATE)?.to_str().ok()?;
    let parameters = challenge.strip_prefix("Bearer ")?;
    let mut realm = Url::parse(parameter(parameters, "realm")?).ok()?;
    for name in ["service", "scope"] {
        if let Some(value) = parameter(parameters, name) {
            realm.query_pairs_mut().append_pair(name, value);
        }
    }
    Some(realm)
}

/// The token in a realm's answer.
pub(super) fn token(body: &[u8]) -> Option<SecretString> {
    let grant: Grant = serde_json::from_slice(body).ok()?;
    grant.token.or(grant.access_token)
}

/// `name="value"` among comma-separated parameters; values may contain commas.
fn parameter<'a>(parameters: &'a str, name: &str) -> Option<&'a str> {
    let start = parameters.find(&format!("{name}=\""))? + name.len() + 2;
    let value = &parameters[start..];
    value.split('"').next()
}
