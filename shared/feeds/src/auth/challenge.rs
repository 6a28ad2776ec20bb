//! What a server asks for in `WWW-Authenticate` (RFC 9110, 11.6.1).

use http_auth::{ChallengeRef, parse_challenges};
use reqwest::header::{HeaderMap, WWW_AUTHENTICATE};

/// The way to authenticate that we choose of those that the server offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// The credential itself.
    Basic,
    /// A token from a token server.
    Bearer(Bearer),
}

/// What the token is to be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bearer {
    /// The token server's URL, as sent.
    pub realm: String,
    /// Whom the token is for, as sent.
    pub service: Option<String>,
    /// Sorted; reduced to reading.
    pub scopes: Vec<String>,
}

/// Chooses of all challenges in all headers: Bearer before Basic, because a server that offers both
/// limits what a token may do. What cannot be read or is of another kind is passed over. `None` if
/// nothing is left.
pub(crate) fn choose(headers: &HeaderMap) -> Option<Challenge> {
    let mut basic = None;
    for value in headers.get_all(WWW_AUTHENTICATE) {
        let Some(challenges) = value
            .to_str()
            .ok()
            .and_then(|text| parse_challenges(text).ok())
        else {
            continue;
        };
        for challenge in challenges {
            if challenge.scheme.eq_ignore_ascii_case("bearer")
                && let Some(bearer) = bearer(&challenge)
            {
                return Some(Challenge::Bearer(bearer));
            }
            if challenge.scheme.eq_ignore_ascii_case("basic") {
                basic = Some(Challenge::Basic);
            }
        }
    }
    basic
}

fn bearer(challenge: &ChallengeRef<'_>) -> Option<Bearer> {
    let parameter = |name: &str| {
        let (_, value) = challenge
            .params
            .iter()
            .find(|(held, _)| held.eq_ignore_ascii_case(name))?;
        Some(value.to_unescaped()).filter(|value| !value.is_empty())
    };
    let mut scopes: Vec<_> = parameter("scope")
        .unwrap_or_default()
        .split_whitespace()
        .map(reading)
        .collect();
    scopes.sort_unstable();
    scopes.dedup();
    Some(Bearer {
        realm: parameter("realm")?,
        service: parameter("service"),
        scopes,
    })
}

/// The scope without the actions that we have no use for: `repository:a/b:pull,push` becomes
/// `repository:a/b:pull`.
fn reading(scope: &str) -> String {
    match scope.rsplit_once(':') {
        Some((resource, actions)) if actions.split(',').any(|action| action == "pull") => {
            format!("{resource}:pull")
        }
        _ => scope.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Bearer, Challenge, HeaderMap, WWW_AUTHENTICATE, choose};

    fn chosen(values: &[&str]) -> Option<Challenge> {
        let headers = values
            .iter()
            .map(|value| (WWW_AUTHENTICATE, value.parse().unwrap()));
        let mut map = HeaderMap::new();
        headers.for_each(|(name, value)| {
            map.append(name, value);
        });
        choose(&map)
    }

    fn bearer(realm: &str, service: Option<&str>, scopes: &[&str]) -> Option<Challenge> {
        Some(Challenge::Bearer(Bearer {
            realm: realm.to_owned(),
            service: service.map(str::to_owned),
            scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
        }))
    }

    #[test]
    fn real_challenges_are_read() {
        let hub = "Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\",\
                   scope=\"repository:samalba/my-app:pull,push\"";
        assert_eq!(
            chosen(&[hub]),
            bearer(
                "https://auth.docker.io/token",
                Some("registry.docker.io"),
                &["repository:samalba/my-app:pull"]
            )
        );
        let codeberg = "Bearer realm=\"https://codeberg.org/v2/token\",service=\"container_registry\",\
                        scope=\"*\",Basic realm=\"https://codeberg.org/v2\",charset=\"UTF-8\"";
        assert_eq!(
            chosen(&[codeberg]),
            bearer(
                "https://codeberg.org/v2/token",
                Some("container_registry"),
                &["*"]
            )
        );
        assert_eq!(
            chosen(&["BASIC realm=\"Artifactory Realm\""]),
            Some(Challenge::Basic)
        );
        assert_eq!(
            chosen(&[
                "Basic realm=\"https://123456789012.dkr.ecr.us-east-1.amazonaws.com/\",service=\"ecr.amazonaws.com\""
            ]),
            Some(Challenge::Basic)
        );
    }

    #[test]
    fn bearer_goes_before_basic_and_the_unknown_is_passed_over() {
        let bearer_only = bearer("https://a/t", None, &[]);
        assert_eq!(
            chosen(&[
                "Basic realm=\"x\"",
                "bearer REALM=\"https://a/t\",service=\"\""
            ]),
            bearer_only
        );
        assert_eq!(
            chosen(&[
                "Negotiate",
                "Digest realm=\"d\", nonce=\"n\"",
                "Bearer realm=\"https://a/t\""
            ]),
            bearer_only
        );
        assert_eq!(
            chosen(&["%%%", "Basic realm=\"x\""]),
            Some(Challenge::Basic)
        );
        for nothing in [
            &["Bearer service=\"x\""][..],
            &["Negotiate"],
            &["Bearer realm=https://a/t"],
            &[],
        ] {
            assert_eq!(chosen(nothing), None, "{nothing:?}");
        }
    }

    #[test]
    fn several_scopes_are_kept_in_order() {
        assert_eq!(
            chosen(&[
                "Bearer realm=\"https://a/t\",scope=\"repository:z:pull repository(plugin):h:5000/b:push,pull repository:z:pull\""
            ]),
            bearer(
                "https://a/t",
                None,
                &["repository(plugin):h:5000/b:pull", "repository:z:pull"]
            )
        );
    }
}
