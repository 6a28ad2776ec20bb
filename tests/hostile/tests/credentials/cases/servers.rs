//! Token servers, listed hosts, chart repositories, and a feed's own address.

use hostile::Reply;

use super::{HOME, LIST, at, bearer, case, eager};
use crate::Case;

/// The registry's own token server redirects elsewhere.
pub(super) fn token_servers(port: u16) -> Vec<Case> {
    let realm = format!("{HOME}/token");
    let redirect = |code: u16, to: String| {
        let rules = vec![
            at(format!("{HOME}/v2/"), bearer(&realm)),
            at(realm.clone(), Reply::Redirect(code, to.clone())),
        ];
        case(
            format!("the token server's {code} to {to:?}"),
            rules,
            &[HOME],
        )
    };
    let mut cases: Vec<_> = [301, 302, 303, 307, 308]
        .into_iter()
        .map(|code| redirect(code, "https://evil.test/token".to_owned()))
        .collect();
    cases.push(redirect(307, format!("https://registry.test:{port}/token")));
    cases.push(redirect(307, "http://registry.test/token".to_owned()));
    cases
}

/// Hosts that are like a listed one.
pub(super) fn listed_hosts(port: u16) -> Vec<Case> {
    let other = format!("https://tokens.test:{port}");
    [
        "https://tokens.test.evil.test",
        "https://sub.tokens.test",
        "https://tokens.test.",
        "http://tokens.test",
        "https://tokens.test@evil.test",
        other.as_str(),
    ]
    .into_iter()
    .map(|place| {
        let rules = vec![at(format!("{HOME}/v2/"), bearer(&format!("{place}/token")))];
        let mut case = case(format!("beside the listed host: {place}"), rules, &[]);
        case.token_hosts = vec!["tokens.test".to_owned()];
        case
    })
    .collect()
}

/// URLs in a chart index.
pub(super) fn helm(port: u16) -> Vec<Case> {
    let index = |urls: &str, context: &str| {
        format!(
            "apiVersion: v1\nserverInfo:\n  contextPath: \"{context}\"\nentries:\n  acme/web:\n  - name: \
             acme/web\n    version: 1.0.0\n    urls: [\"{urls}\"]\n"
        )
    };
    let other = format!("https://registry.test:{port}/a.tgz");
    let serve = |name: &str, text: String| {
        eager(case(
            name,
            vec![at(format!("{HOME}{LIST}"), Reply::Body(text))],
            &[HOME],
        ))
    };
    vec![
        serve("charts elsewhere", index("https://evil.test/a.tgz", "")),
        serve("charts at another port", index(&other, "")),
        serve(
            "charts without TLS",
            index("http://registry.test/a.tgz", ""),
        ),
        serve(
            "charts with a user",
            index("https://joe@evil.test/a.tgz", ""),
        ),
        serve(
            "a ChartMuseum elsewhere",
            index("a.tgz", "https://evil.test"),
        ),
        serve("a ChartMuseum of any scheme", index("a.tgz", "//evil.test")),
        serve("a ChartMuseum with a user", index("a.tgz", "@evil.test/")),
        serve("a ChartMuseum above", index("a.tgz", "/../..//evil.test")),
    ]
}

/// Passwords that are tokens and are sent by POST.
pub(super) fn tokens_as_passwords(port: u16) -> Vec<Case> {
    let mut cases = Vec::new();
    for user in ["<token>", "<entra>", "00000000-0000-0000-0000-000000000000"] {
        let mut foreign = |place: &str, receivers: &[&str]| {
            let rules = vec![at(
                format!("{HOME}/v2/"),
                bearer(&format!("{place}/oauth2/token")),
            )];
            let mut case = case(format!("{user} by {place}"), rules, receivers);
            case.user = user;
            cases.push(case);
        };
        foreign(HOME, &[HOME]);
        foreign("https://evil.test", &[]);
        foreign("https://registry.test.evil.test", &[]);
        foreign(&format!("https://registry.test:{port}"), &[]);
        for code in [307, 308] {
            let to = "https://evil.test/oauth2/token".to_owned();
            let rules = vec![
                at(
                    format!("{HOME}/v2/"),
                    bearer(&format!("{HOME}/oauth2/token")),
                ),
                at(format!("{HOME}/oauth2/"), Reply::Redirect(code, to)),
            ];
            let mut case = case(format!("{user} and a {code}"), rules, &[HOME]);
            case.user = user;
            cases.push(case);
        }
    }
    cases
}

/// Addresses of feeds themselves.
pub(super) fn addresses() -> Vec<Case> {
    let at_address = |uri: &str| {
        let mut case = case(format!("a feed at {uri}"), Vec::new(), &[]);
        case.uri = uri.to_owned();
        case
    };
    [
        "https://joe:pw@registry.test",
        "https://joe@registry.test",
        "ftp://registry.test",
        "file:///registry.test",
        "https://",
    ]
    .into_iter()
    .map(at_address)
    .collect()
}
