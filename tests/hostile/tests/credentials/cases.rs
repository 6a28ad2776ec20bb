//! The cases, in groups: credentials requested by realm, redirect, link and address.

mod leads;
mod servers;

use domain::feed::FeedKind;
use hostile::Reply;

use crate::{Case, PASSWORD};

const HOME: &str = "https://registry.test";
const LIST: &str = "/v2/acme/web/tags/list";

pub(crate) fn table(other_port: u16) -> Vec<Case> {
    let mut cases = Vec::new();
    cases.extend(controls());
    cases.extend(leads::realms(other_port));
    cases.extend(leads::redirects(other_port));
    cases.extend(leads::chains(other_port));
    cases.extend(leads::links(other_port));
    cases.extend(servers::token_servers(other_port));
    cases.extend(servers::listed_hosts(other_port));
    cases.extend(servers::helm(other_port));
    cases.extend(servers::tokens_as_passwords(other_port));
    cases.extend(servers::addresses());
    cases
}

fn case(name: impl Into<String>, rules: Vec<(String, Reply)>, receivers: &[&str]) -> Case {
    Case {
        name: name.into(),
        kind: FeedKind::Docker,
        uri: HOME.to_owned(),
        user: PASSWORD.user,
        token_hosts: Vec::new(),
        rules,
        must_receive: !receivers.is_empty(),
        receivers: receivers.iter().map(|&origin| origin.to_owned()).collect(),
    }
}

/// Allows, but does not require, that the registry itself receives the password: some look-alikes are the registry,
/// because text after a backslash is a path and a URL without slashes is relative.
fn perhaps(case: Case) -> Case {
    Case {
        receivers: vec![HOME.to_owned()],
        must_receive: false,
        ..case
    }
}

/// The same for a Helm repository, which receives the password with the first request.
fn eager(mut case: Case) -> Case {
    for (url, _) in &mut case.rules {
        *url = url.replace(LIST, "/index.yaml");
    }
    case.kind = FeedKind::Helm;
    case
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

/// Look-alikes of the registry's origin that are other origins.
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

/// Controls: here the credential must arrive.
fn controls() -> Vec<Case> {
    let own_realm = format!("{HOME}/token");
    let mut watched = case(
        "a token server that is listed",
        vec![at(HOME, bearer("https://tokens.test/token"))],
        &["https://tokens.test"],
    );
    watched.token_hosts = vec!["tokens.test".to_owned()];
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
            "the same origin in upper case",
            vec![at(
                format!("{HOME}/v2/"),
                bearer("HTTPS://Registry.TEST:443/token"),
            )],
            &[HOME],
        ),
        watched,
        hub,
    ]
}
