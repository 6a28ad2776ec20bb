//! The cases, group by group: what is asked for by realm, redirect, link and address.

use domain::feed::FeedKind;
use hostile::Reply;

use crate::{Case, PASSWORD};

const HOME: &str = "https://registry.test";
const LIST: &str = "/v2/acme/web/tags/list";

pub(crate) fn table(other_port: u16) -> Vec<Case> {
    let mut cases = Vec::new();
    cases.extend(controls());
    cases.extend(realms(other_port));
    cases.extend(redirects(other_port));
    cases.extend(chains(other_port));
    cases.extend(links(other_port));
    cases.extend(token_servers(other_port));
    cases.extend(listed_hosts(other_port));
    cases.extend(helm(other_port));
    cases.extend(tokens_as_passwords(other_port));
    cases.extend(addresses());
    cases
}

fn case(name: impl Into<String>, rules: Vec<(String, Reply)>, told: &[&str]) -> Case {
    Case {
        name: name.into(),
        kind: FeedKind::Docker,
        uri: HOME.to_owned(),
        user: PASSWORD.user,
        token_hosts: Vec::new(),
        rules,
        is_told: !told.is_empty(),
        told: told.iter().map(|&origin| origin.to_owned()).collect(),
    }
}

/// The same, where some of the places are the registry in disguise, which may be told: what stands behind a
/// backslash is a path, and what has no slashes is relative.
fn perhaps(case: Case) -> Case {
    Case {
        told: vec![HOME.to_owned()],
        is_told: false,
        ..case
    }
}

fn at(url: impl Into<String>, reply: Reply) -> (String, Reply) {
    (url.into(), reply)
}

fn bearer(realm: &str) -> Reply {
    Reply::Challenge(format!("Bearer realm=\"{realm}\",service=\"s\""))
}

fn basic() -> Reply {
    Reply::Challenge("Basic realm=\"home\"".to_owned())
}

/// Places that are not the registry's, however much they look like it.
fn look_alikes(port: u16) -> Vec<String> {
    let mut places: Vec<String> = [
        "https://evil.test",
        "https://registry.test.evil.test",
        "https://evil-registry.test",
        "https://sub.registry.test",
        "https://registry.test.",
        "https://registry.test%2eevil.test",
        "https://registry.test。evil.test",
        "https://regıstry.test",
        "https://xn--regstry-q9a.test",
        "https://rеgistry.test",
        "https://registry.test\\.evil.test",
        "https://evil.test\\@registry.test",
        "https://evil.test/https://registry.test",
        "https://evil.test?https://registry.test",
        "https://evil.test#https://registry.test",
        "http://registry.test",
        "http://registry.test:443",
        "HTTP://REGISTRY.TEST",
        "//evil.test",
        "///evil.test",
        "\\\\evil.test",
        "/\\evil.test",
        "https:evil.test",
        "https://registry.test@evil.test",
        "https://registry.test:pw@evil.test",
    ]
    .map(str::to_owned)
    .into();
    places.push(format!("https://registry.test:{port}"));
    places.push(format!("http://registry.test:{port}"));
    places
}

/// Not to lead anywhere is easy: here the credential must arrive.
fn controls() -> Vec<Case> {
    let own_realm = format!("{HOME}/token");
    let mut listed = case(
        "a token server that is listed",
        vec![at(HOME, bearer("https://tokens.test/token"))],
        &["https://tokens.test"],
    );
    listed.token_hosts = vec!["tokens.test".to_owned()];
    let mut hub = case(
        "Docker Hub's token server",
        vec![at(
            "https://registry-1.docker.io",
            bearer("https://auth.docker.io/token"),
        )],
        &["https://auth.docker.io"],
    );
    hub.uri = "https://index.docker.io/v1/".to_owned();
    vec![
        case("the registry itself", vec![at(HOME, basic())], &[HOME]),
        case(
            "its own token server",
            vec![at(format!("{HOME}/v2/"), bearer(&own_realm))],
            &[HOME],
        ),
        case(
            "the same origin in other letters",
            vec![at(
                format!("{HOME}/v2/"),
                bearer("HTTPS://Registry.TEST:443/token"),
            )],
            &[HOME],
        ),
        listed,
        hub,
    ]
}

fn realms(port: u16) -> Vec<Case> {
    let realm = |place: String| {
        let rules = vec![at(format!("{HOME}/v2/"), bearer(&format!("{place}/token")))];
        perhaps(case(format!("realm {place:?}"), rules, &[]))
    };
    let ascii = |place: &String| place.is_ascii();
    let mut cases: Vec<_> = look_alikes(port)
        .into_iter()
        .filter(ascii)
        .map(realm)
        .collect();
    let both = format!("Bearer realm=\"https://evil.test/token\", Basic realm=\"{HOME}\"");
    cases.push(case(
        "a realm elsewhere beside Basic",
        vec![at(format!("{HOME}/v2/"), Reply::Challenge(both))],
        &[],
    ));
    cases
}

/// A registry that was told, and then leads elsewhere: with each code, and to each place.
fn redirects(port: u16) -> Vec<Case> {
    let redirect = |code: u16, to: &str| {
        let rules = vec![at(
            format!("{HOME}{LIST}"),
            Reply::Redirect(code, to.to_owned()),
        )];
        eager(case(format!("{code} to {to:?}"), rules, &[HOME]))
    };
    let to = |place: String| format!("{place}{LIST}");
    let ascii = |place: &String| place.is_ascii();
    let mut cases: Vec<_> = [301, 302, 303, 307, 308]
        .into_iter()
        .map(|code| redirect(code, &to("https://evil.test".to_owned())))
        .collect();
    let places = look_alikes(port).into_iter().filter(ascii);
    cases.extend(places.map(|place| redirect(307, &to(place))));
    cases
}

/// The same as a Helm repository would have it, which is told at once.
fn eager(mut case: Case) -> Case {
    for (url, _) in &mut case.rules {
        *url = url.replace(LIST, "/index.yaml");
    }
    case.kind = FeedKind::Helm;
    case
}

/// Redirects that go on, and that come back.
fn chains(port: u16) -> Vec<Case> {
    let index = format!("{HOME}/index.yaml");
    let hop = |from: &str, to: &str| at(from, Reply::Redirect(302, to.to_owned()));
    let chain = |name: &str, hops: &[(&str, &str)]| {
        let rules = hops.iter().map(|(from, to)| hop(from, to)).collect();
        eager(case(name, rules, &[HOME]))
    };
    let other = format!("https://registry.test:{port}/index.yaml");
    let back = format!("{HOME}/again");
    vec![
        chain(
            "away and back",
            &[
                (&index, "https://evil.test/a"),
                ("https://evil.test/a", &back),
            ],
        ),
        chain(
            "away, on, and back",
            &[
                (&index, "https://evil.test/a"),
                ("https://evil.test/a", "https://more.test/b"),
                ("https://more.test/b", &back),
            ],
        ),
        chain(
            "another port and back",
            &[(&index, &other), (&other, &back)],
        ),
        chain(
            "within, then away",
            &[(&index, &back), (&back, "https://evil.test/a")],
        ),
        chain(
            "to http and back",
            &[
                (&index, "http://registry.test/a"),
                ("http://registry.test/a", &back),
            ],
        ),
        chain(
            "in circles",
            &[
                (&index, "https://evil.test/a"),
                ("https://evil.test/a", &index),
            ],
        ),
    ]
}

fn links(port: u16) -> Vec<Case> {
    let link = |place: String| {
        let to = format!("{place}{LIST}?last=1");
        let rules = vec![at(format!("{HOME}{LIST}?n="), basic()), at(HOME, basic())];
        let mut case = perhaps(case(format!("link {place:?}"), rules, &[]));
        // A registry that is open and shows a link; whoever it leads to asks.
        case.rules[0].1 = Reply::Linked(to);
        case
    };
    let ascii = |place: &String| place.is_ascii();
    look_alikes(port)
        .into_iter()
        .filter(ascii)
        .map(link)
        .collect()
}

/// The registry's own token server leads elsewhere.
fn token_servers(port: u16) -> Vec<Case> {
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
fn listed_hosts(port: u16) -> Vec<Case> {
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

/// What a chart index could lead to.
fn helm(port: u16) -> Vec<Case> {
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
        serve("a museum elsewhere", index("a.tgz", "https://evil.test")),
        serve("a museum of any scheme", index("a.tgz", "//evil.test")),
        serve("a museum with a user", index("a.tgz", "@evil.test/")),
        serve("a museum above", index("a.tgz", "/../..//evil.test")),
    ]
}

/// Passwords that are tokens, and are posted.
fn tokens_as_passwords(port: u16) -> Vec<Case> {
    let mut cases = Vec::new();
    for user in ["<token>", "<entra>", "00000000-0000-0000-0000-000000000000"] {
        let mut foreign = |place: &str, told: &[&str]| {
            let rules = vec![at(
                format!("{HOME}/v2/"),
                bearer(&format!("{place}/oauth2/token")),
            )];
            let mut case = case(format!("{user} by {place}"), rules, told);
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
fn addresses() -> Vec<Case> {
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
