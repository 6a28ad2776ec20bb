//! Parses challenges in `WWW-Authenticate` (RFC 9110, 11.6.1).
//!
//! A header that does not follow the grammar is parsed again by lenient rules: the scheme alone is enough for
//! Basic, the realm for Bearer.

use http_auth::parse_challenges;
use reqwest::header::{HeaderMap, WWW_AUTHENTICATE};

/// The chosen way to authenticate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// The credential itself.
    Basic,
    /// A token of a token server.
    Bearer(Bearer),
}

/// The parameters of a token request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bearer {
    /// The token server's URL, as sent.
    pub realm: String,
    /// The service that the token is for, as sent.
    pub service: Option<String>,
    /// The scopes, sorted and reduced to reading.
    pub scopes: Vec<String>,
}

/// A challenge with its parameters.
struct Parsed {
    scheme: String,
    parameters: Vec<(String, String)>,
}

/// Chooses a challenge of all headers: Bearer before Basic, because a server that offers both limits the rights
/// of a token. Other and unreadable challenges are ignored. `None` if there is no other challenge.
pub(crate) fn choose(headers: &HeaderMap) -> Option<Challenge> {
    let mut basic = None;
    for value in headers.get_all(WWW_AUTHENTICATE) {
        for challenge in parsed(&String::from_utf8_lossy(value.as_bytes())) {
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

/// The challenges in a header, by the grammar or else by lenient rules.
fn parsed(text: &str) -> Vec<Parsed> {
    let Ok(challenges) = parse_challenges(text) else {
        return lenient(text);
    };
    let parsed = |challenge: http_auth::ChallengeRef<'_>| Parsed {
        scheme: challenge.scheme.to_owned(),
        parameters: challenge
            .params
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.to_unescaped()))
            .collect(),
    };
    challenges.into_iter().map(parsed).collect()
}

/// Parses challenges by lenient rules. A challenge starts at a name of a scheme that is not followed by `=`.
/// Parameters are separated by commas, semicolons or white space. Values may be in double or single quotes; a
/// value without quotes ends where the next parameter or challenge starts.
fn lenient(text: &str) -> Vec<Parsed> {
    let mut challenges: Vec<Parsed> = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(is_separator);
        let Some(start) = rest.chars().next() else {
            return challenges;
        };
        if let Some((name, after)) = parameter_name(rest) {
            let (value, after) = parameter_value(after);
            if let Some(challenge) = challenges.last_mut() {
                challenge.parameters.push((name.to_owned(), value));
            }
            rest = after;
        } else if let Some((scheme, after)) = scheme(rest) {
            challenges.push(Parsed {
                scheme: scheme.to_owned(),
                parameters: Vec::new(),
            });
            rest = after;
        } else {
            rest = rest.get(start.len_utf8()..).unwrap_or_default();
        }
    }
}

fn is_separator(char: char) -> bool {
    char.is_whitespace() || matches!(char, ',' | ';')
}

/// A name and the text after it.
fn token(text: &str) -> Option<(&str, &str)> {
    let is_of_name = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_');
    let end = text.find(|char| !is_of_name(char)).unwrap_or(text.len());
    text.split_at_checked(end)
        .filter(|(name, _)| !name.is_empty())
}

/// The name of a parameter, and the text after its `=`.
fn parameter_name(text: &str) -> Option<(&str, &str)> {
    let (name, after) = token(text)?;
    let after = after.trim_start().strip_prefix('=')?;
    Some((name, after.trim_start()))
}

/// The name of a scheme, and the text after it.
fn scheme(text: &str) -> Option<(&str, &str)> {
    let (name, after) = token(text)?;
    let ends_here = after.is_empty() || after.starts_with(is_separator);
    ends_here.then_some((name, after))
}

/// The value of a parameter, and the text after it.
fn parameter_value(text: &str) -> (String, &str) {
    for quote in ['"', '\''] {
        if let Some(quoted) = text.strip_prefix(quote) {
            return quoted_value(quoted, quote);
        }
    }
    let ends = text.char_indices().filter(|(_, char)| is_separator(*char));
    let next_starts = |at: usize| {
        let rest = text.get(at..).unwrap_or_default();
        let rest = rest.trim_start_matches(is_separator);
        rest.is_empty() || parameter_name(rest).is_some() || starts_known_scheme(rest)
    };
    let end = ends.map(|(at, _)| at).find(|at| next_starts(*at));
    let (value, after) = text.split_at(end.unwrap_or(text.len()));
    (value.trim_end_matches(['"', '\'']).to_owned(), after)
}

fn starts_known_scheme(text: &str) -> bool {
    let is_known = |(name, _): (&str, &str)| {
        ["basic", "bearer", "digest", "negotiate"]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name))
    };
    scheme(text).is_some_and(is_known)
}

/// The unescaped text up to the closing quote, or to the end without one.
fn quoted_value(text: &str, quote: char) -> (String, &str) {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, char)) = chars.next() {
        if char == quote {
            return (value, text.get(at + 1..).unwrap_or_default());
        }
        let char = match char {
            '\\' => chars.next().map_or(char, |(_, escaped)| escaped),
            char => char,
        };
        value.push(char);
    }
    (value, "")
}

fn bearer(challenge: &Parsed) -> Option<Bearer> {
    let parameter = |name: &str| {
        let mut parameters = challenge.parameters.iter();
        let (_, value) = parameters.find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(value.clone()).filter(|value| !value.is_empty())
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

/// The scope reduced to reading: `repository:a/b:pull,push` becomes `repository:a/b:pull`.
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
    use reqwest::header::HeaderValue;

    use super::{Bearer, Challenge, HeaderMap, WWW_AUTHENTICATE, choose};

    fn chosen(values: &[&str]) -> Option<Challenge> {
        let headers = values.iter().map(|value| {
            (
                WWW_AUTHENTICATE,
                HeaderValue::from_bytes(value.as_bytes()).unwrap(),
            )
        });
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
    fn challenges_of_known_registries_are_parsed() {
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
    fn bearer_is_preferred_and_unknown_schemes_are_ignored() {
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
        for nothing in [&["Bearer service=\"x\""][..], &["Negotiate"], &[]] {
            assert_eq!(chosen(nothing), None, "{nothing:?}");
        }
    }

    #[test]
    fn several_scopes_are_sorted() {
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

    #[test]
    fn challenge_outside_of_grammar_is_parsed_leniently() {
        let full = bearer("https://a/t", Some("s:5000"), &["repository:a/b:pull"]);
        for challenge in [
            "Bearer realm=\"https://a/t\",service=s:5000,scope=repository:a/b:pull",
            "Bearer realm=https://a/t,service=s:5000,scope=repository:a/b:pull,push",
            "Bearer realm=https://a/t, service=s:5000, scope=repository:a/b:push,pull",
            "Bearer realm='https://a/t',service='s:5000',scope='repository:a/b:pull'",
            "Bearer realm=\"https://a/t\" service=\"s:5000\" scope=\"repository:a/b:pull\"",
            "Bearer realm=\"https://a/t\"; service=\"s:5000\"; scope=\"repository:a/b:pull\"",
            "Bearer, realm=\"https://a/t\",service=\"s:5000\",scope=\"repository:a/b:pull",
            "Bearer realm = https://a/t , service = s:5000 , scope = repository:a/b:pull",
            "Bearer realm=\"https://a/t\",service=\"s:5000\",scope=\"repository:a/b:pull\",error=not found",
            "Bearer realm=\"https://a/t\",service=\"s:5000\",scope=\"repository:a/b:pull\",é=ü",
            "Bearer realm=https://a/t,service=s:5000,scope=repository:a/b:pull,Basic realm=x y",
            "Digest realm=a b,Bearer realm=https://a/t,service=s:5000,scope=repository:a/b:pull",
        ] {
            assert_eq!(chosen(&[challenge]), full, "{challenge}");
        }
        let plain = bearer("https://a/t?x=1,2", None, &[]);
        assert_eq!(chosen(&["Bearer realm=https://a/t?x=1,2"]), plain);
        for challenge in [
            "Basic",
            "Basic realm=Artifactory Realm",
            "Basic realm=\"Artifactory Realm",
            "Basic realm=https://a/b",
            "basic realm=",
            "Bearer realm=,Basic realm=a:b",
            "Bearer service=a:b, Basic",
        ] {
            assert_eq!(chosen(&[challenge]), Some(Challenge::Basic), "{challenge}");
        }
        for challenge in [
            "Bearer",
            "Bearer realm=",
            "Bearer scope=a:b",
            "realm=https://a/t",
            "%%%",
            "",
        ] {
            assert_eq!(chosen(&[challenge]), None, "{challenge}");
        }
    }
}
