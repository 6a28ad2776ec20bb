//! Credentials that are tokens themselves, and what is exchanged for them.

use crate::common::{Known, docker, error, feed, read, reader, versions};
use domain::feed::FeedKind;
use engine::ports::FeedErrorKind;
use registry_server::{Fault, FaultKind, Registry};

const NO_USER: &str = "00000000-0000-0000-0000-000000000000";

async fn registry() -> Registry {
    let registry = Registry::start().await.unwrap();
    registry.push("acme/web", "1.0.0", "one");
    registry.push("acme/api", "1", "two");
    registry.require_token(Some(("no-user", "nothing")));
    registry.set_realm(&format!("{}/oauth2/token", registry.url()));
    registry
}

/// Method and path of everything but the lists.
fn asked(registry: &Registry) -> Vec<(String, String)> {
    let requests = registry.requests().into_iter();
    requests
        .filter(|(_, target, _)| !target.starts_with("/v2/"))
        .map(|(method, target, authorized)| {
            assert!(
                !authorized || method == "GET",
                "a form carries its token itself"
            );
            (method, target.split('?').next().unwrap().to_owned())
        })
        .collect()
}

fn post(path: &str) -> (String, String) {
    ("POST".to_owned(), path.to_owned())
}

#[tokio::test]
async fn a_refresh_token_is_exchanged_and_the_next_is_kept() {
    for user in ["<token>", NO_USER] {
        let registry = registry().await;
        registry.accept_refresh_token("s3cret");
        let (reader, feed) = (reader(Known::user(user, "s3cret")), docker(&registry.url()));
        assert_eq!(versions(&read(&reader, &feed, "acme/web").await), ["1.0.0"]);
        assert_eq!(asked(&registry), [post("/oauth2/token")]);
        // The first may be used once only: another repository takes the one that came with the token.
        registry.accept_refresh_token("another");
        assert_eq!(versions(&read(&reader, &feed, "acme/api").await), ["1"]);
        // One that is refused is forgotten, and the credential itself used again.
        registry.accept_refresh_token("s3cret");
        registry.revoke_refresh_tokens();
        registry.revoke_tokens();
        registry.clear_requests();
        assert_eq!(versions(&read(&reader, &feed, "acme/web").await), ["1.0.0"]);
        assert_eq!(
            asked(&registry),
            [post("/oauth2/token"), post("/oauth2/token")]
        );
    }
}

#[tokio::test]
async fn a_server_that_does_not_know_the_form_is_asked_the_usual_way() {
    for code in [400, 401, 404, 405] {
        let registry = registry().await;
        registry.require_token(Some((NO_USER, "s3cret")));
        let refusal = FaultKind::Status(code, Vec::new(), String::new());
        registry.fault(Fault::new("/oauth2/token", 1, refusal));
        let reader = reader(Known::user(NO_USER, "s3cret"));
        let outcome = read(&reader, &docker(&registry.url()), "acme/web").await;
        assert_eq!(versions(&outcome), ["1.0.0"], "{code}");
        let get = ("GET".to_owned(), "/oauth2/token".to_owned());
        assert_eq!(asked(&registry), [post("/oauth2/token"), get], "{code}");
    }
}

#[tokio::test]
async fn an_entra_token_is_exchanged_once_for_all_repositories() {
    let registry = registry().await;
    registry.accept_entra_token("s3cret");
    let reader = reader(Known::user("<entra>", "s3cret"));
    let feed = feed(FeedKind::AzureContainerRegistry, &registry.url());
    assert_eq!(versions(&read(&reader, &feed, "acme/web").await), ["1.0.0"]);
    assert_eq!(
        asked(&registry),
        [post("/oauth2/exchange"), post("/oauth2/token")]
    );
    registry.clear_requests();
    assert_eq!(versions(&read(&reader, &feed, "acme/api").await), ["1"]);
    assert_eq!(asked(&registry), [post("/oauth2/token")]);
}

#[tokio::test]
async fn an_entra_token_that_is_refused_is_denied() {
    let registry = registry().await;
    registry.accept_entra_token("another");
    let reader = reader(Known::user("<entra>", "s3cret"));
    let outcome = read(&reader, &docker(&registry.url()), "acme/web").await;
    let (kind, text) = error(&outcome);
    assert_eq!(kind, FeedErrorKind::Denied);
    assert!(
        text.contains("/oauth2/exchange") && text.contains("check the feed's credential"),
        "{text}"
    );
}

/// Every misbehaviour of an exchange, and that it ends.
#[tokio::test]
async fn exchanges_may_misbehave() {
    use FeedErrorKind::{Denied, Incomplete, Malformed, Throttled, Unavailable};
    let redirect = vec![("Location".to_owned(), "http://127.0.0.1:1/".to_owned())];
    for (fault, kind) in [
        (FaultKind::Html, Malformed),
        (FaultKind::EmptyBody, Malformed),
        (FaultKind::WrongTypes, Malformed),
        (FaultKind::EndlessBody, Incomplete),
        (FaultKind::Truncate, Incomplete),
        (FaultKind::Reset, Unavailable),
        (FaultKind::TooManyRequests(None), Throttled(None)),
        (
            FaultKind::Status(500, Vec::new(), String::new()),
            Unavailable,
        ),
        (FaultKind::Status(403, Vec::new(), String::new()), Denied),
        (FaultKind::Status(307, redirect, String::new()), Denied),
    ] {
        let registry = registry().await;
        registry.accept_entra_token("s3cret");
        registry.fault(Fault::new("/oauth2/exchange", usize::MAX, fault.clone()));
        let reader = reader(Known::user("<entra>", "s3cret"));
        let outcome = read(&reader, &docker(&registry.url()), "acme/web").await;
        assert_eq!(error(&outcome).0, kind, "{fault:?}");
        assert!(
            registry.requests().len() < 8,
            "{fault:?}: {:?}",
            registry.requests()
        );
    }
}

/// A token server elsewhere is given no token, in no form.
#[tokio::test]
async fn a_foreign_token_server_is_not_sent_a_form() {
    let foreign = registry().await;
    foreign.accept_refresh_token("s3cret");
    for user in ["<token>", NO_USER, "<entra>"] {
        let registry = registry().await;
        registry.set_realm(&format!("{}/oauth2/token", foreign.url()));
        foreign.clear_requests();
        let reader = reader(Known::user(user, "s3cret"));
        let outcome = read(&reader, &docker(&registry.url()), "acme/web").await;
        assert_eq!(error(&outcome).0, FeedErrorKind::Denied);
        assert!(!foreign.requests().is_empty());
        let is_plain =
            |(method, _, authorized): &(String, String, bool)| method == "GET" && !authorized;
        assert!(
            foreign.requests().iter().all(is_plain),
            "{user}: {:?}",
            foreign.requests()
        );
    }
}
