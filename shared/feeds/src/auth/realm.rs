//! Decides which token servers receive a credential.
//!
//! A registry names its token server, so a malicious registry could name one that collects passwords. A
//! credential is sent only to the registry's own origin, to token servers that are known to belong to a registry,
//! and to those that the user listed. Any other token server is asked for an anonymous token.

use http_client::same_origin;
use url::Url;

use crate::address::DOCKER_HUB_REGISTRY;

/// Registries whose token server is on another host.
const KNOWN: [(&str, &str); 2] = [
    (DOCKER_HUB_REGISTRY, "auth.docker.io"),
    ("registry.gitlab.com", "gitlab.com"),
];

/// Whether a token server receives the credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// The feed's credential.
    Credential,
    /// No credential: only an anonymous token is requested.
    Anonymous,
}

/// A token server that is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RealmError {
    #[error("names a token server that is not a URL")]
    NotUrl,
    #[error("names a token server that is neither http nor https")]
    Scheme,
    #[error("is https and names a token server that is plain http")]
    Downgrade,
    #[error("names a token server with a user name or password in its URL")]
    UserInfo,
}

/// The token server's URL and whether it receives the credential. `listed` contains the hosts that the user
/// trusts with this registry's credential.
pub(crate) fn judge(
    registry: &Url,
    realm: &str,
    listed: &[String],
) -> Result<(Url, Trust), RealmError> {
    let mut realm = Url::parse(realm).map_err(|_| RealmError::NotUrl)?;
    realm.set_fragment(None);
    if !matches!(realm.scheme(), "http" | "https") {
        return Err(RealmError::Scheme);
    }
    if realm.scheme() == "http" && registry.scheme() == "https" {
        return Err(RealmError::Downgrade);
    }
    if !realm.username().is_empty() || realm.password().is_some() {
        return Err(RealmError::UserInfo);
    }
    let trusted = same_origin(registry, &realm)
        || realm.scheme() == "https" && (is_known(registry, &realm) || is_listed(&realm, listed));
    let trust = if trusted {
        Trust::Credential
    } else {
        Trust::Anonymous
    };
    Ok((realm, trust))
}

fn is_known(registry: &Url, realm: &Url) -> bool {
    let on_own_ports = registry.port().is_none() && realm.port().is_none();
    let is_pair = |(from, to): &(&str, &str)| {
        registry.host_str() == Some(from) && realm.host_str() == Some(to)
    };
    registry.scheme() == "https" && on_own_ports && KNOWN.iter().any(is_pair)
}

/// Whether the host is in the list, with its port if that is not the default.
fn is_listed(realm: &Url, listed: &[String]) -> bool {
    let Some(host) = realm.host_str() else {
        return false;
    };
    let shown = match realm.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    listed
        .iter()
        .any(|entry| entry.eq_ignore_ascii_case(&shown))
}

#[cfg(test)]
mod tests {
    use super::{RealmError, Trust, Url, judge};

    fn judged(registry: &str, realm: &str) -> Result<Trust, RealmError> {
        let listed = [
            "tokens.example.com".to_owned(),
            "tokens.example.com:8443".to_owned(),
        ];
        judge(&Url::parse(registry).unwrap(), realm, &listed).map(|(_, trust)| trust)
    }

    #[test]
    fn credential_is_sent_to_own_known_and_listed_token_servers() {
        for (registry, realm) in [
            ("https://ghcr.io", "https://ghcr.io/token"),
            ("https://ghcr.io", "https://GHCR.IO:443/token"),
            (
                "https://registry-1.docker.io",
                "https://auth.docker.io/token",
            ),
            ("https://registry.gitlab.com", "https://gitlab.com/jwt/auth"),
            (
                "https://registry.example.com",
                "https://tokens.example.com/token",
            ),
            (
                "https://registry.example.com",
                "https://Tokens.example.com:8443/token",
            ),
            ("http://127.0.0.1:5000", "http://127.0.0.1:5000/token"),
        ] {
            assert_eq!(
                judged(registry, realm),
                Ok(Trust::Credential),
                "{registry} {realm}"
            );
        }
    }

    /// URLs that resemble a token server of the registry.
    #[test]
    fn other_token_server_receives_no_credential() {
        for (registry, realm) in [
            ("https://ghcr.io", "https://evil.net/token"),
            ("https://ghcr.io", "https://ghcr.io.evil.net/token"),
            ("https://ghcr.io", "https://evil-ghcr.io/token"),
            ("https://ghcr.io", "https://tokens.ghcr.io/token"),
            ("https://ghcr.io", "https://ghcr.io:8443/token"),
            ("https://ghcr.io", "https://ghcr.io./token"),
            ("https://ghcr.io", "https://ghcг.io/token"),
            ("https://ghcr.io", "https://evil.net/https://ghcr.io/token"),
            ("https://ghcr.io", "https://evil.net?x=ghcr.io"),
            ("https://ghcr.io", "https://evil.net#ghcr.io"),
            ("https://ghcr.io", "https://evil.net\\ghcr.io/token"),
            ("https://ghcr.io", "https://auth.docker.io/token"),
            ("https://evil.net", "https://auth.docker.io/token"),
            (
                "https://registry-1.docker.io",
                "https://auth.docker.io:444/token",
            ),
            (
                "https://registry-1.docker.io",
                "https://auth.docker.io.evil.net/token",
            ),
            (
                "https://registry-1.docker.io:444",
                "https://auth.docker.io/token",
            ),
            (
                "http://registry-1.docker.io",
                "https://auth.docker.io/token",
            ),
            (
                "https://registry.gitlab.com",
                "https://gitlab.com.evil.net/jwt/auth",
            ),
            (
                "https://registry.example.com",
                "https://tokens.example.com:9443/token",
            ),
            (
                "https://registry.example.com",
                "https://169.254.169.254/token",
            ),
            ("https://ghcr.io", "https://ghcr.io%2eevil.net/token"),
            ("https://ghcr.io", "https://ghcr.io\t.evil.net/token"),
            ("https://ghcr.io", "https://ghcr.io。evil.net/token"),
            ("https://ghcr.io", "https://ghcr.io:80/token"),
            ("https://ghcr.io", "https://[::1]/token"),
            ("https://ghcr.io", "https://2130706433/token"),
            ("https://ghcr.io", "https://localhost/token"),
            ("https://quay.io", "https://ghcr.io/token"),
            (
                "https://registry.gitlab.com",
                "https://registry.gitlab.com:5050/jwt/auth",
            ),
            (
                "https://registry.gitlab.com",
                "https://www.gitlab.com/jwt/auth",
            ),
            ("https://gitlab.com.evil.net", "https://gitlab.com/jwt/auth"),
            (
                "https://acme.azurecr.io",
                "https://other.azurecr.io/oauth2/token",
            ),
            (
                "https://registry.example.com",
                "https://tokens.example.com.evil.net/token",
            ),
            (
                "https://registry.example.com",
                "https://sub.tokens.example.com/token",
            ),
            ("http://127.0.0.1:5000", "http://127.0.0.1:5001/token"),
            ("http://127.0.0.1:5000", "http://tokens.example.com/token"),
            ("http://127.0.0.1:5000", "http://localhost:5000/token"),
        ] {
            assert_eq!(
                judged(registry, realm),
                Ok(Trust::Anonymous),
                "{registry} {realm}"
            );
        }
    }

    #[test]
    fn invalid_realm_is_an_error() {
        for (realm, error) in [
            ("/token", RealmError::NotUrl),
            ("", RealmError::NotUrl),
            ("file:///etc/passwd", RealmError::Scheme),
            ("ftp://ghcr.io/token", RealmError::Scheme),
            ("http://ghcr.io/token", RealmError::Downgrade),
            ("http://169.254.169.254/latest/", RealmError::Downgrade),
            ("https://ghcr.io@evil.net/token", RealmError::UserInfo),
            ("https://:pw@ghcr.io/token", RealmError::UserInfo),
            ("https://ghcr.io:token@evil.net/", RealmError::UserInfo),
            ("https://", RealmError::NotUrl),
            ("//evil.net/token", RealmError::NotUrl),
            ("data:application/json,{}", RealmError::Scheme),
            ("javascript:alert(1)", RealmError::Scheme),
            ("gopher://ghcr.io/", RealmError::Scheme),
            ("http:ghcr.io/token", RealmError::Downgrade),
        ] {
            assert_eq!(judged("https://ghcr.io", realm), Err(error), "{realm}");
        }
    }
}
