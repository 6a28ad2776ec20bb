//! Token servers, and the challenges that name them.

use super::*;

/// A token server under another origin, named by the registry: it sees no credential, whatever it does.
#[tokio::test]
async fn foreign_token_server_receives_no_credential() {
    let foreign = Registry::start().await.unwrap();
    foreign.require_token(None);
    let registry = registry().await;
    registry.require_token(Some(("joe", "s3cret")));
    registry.set_realm(&format!("{}/token", foreign.url()));
    let (kind, text) = error(&read(&reader(joe()), &docker(&registry.url()), "acme/web").await);
    assert_eq!(kind, FeedErrorKind::Denied);
    assert!(
        text.contains("was not sent to its token server") && text.contains(&foreign.url()),
        "{text}"
    );
    assert!(!foreign.requests().is_empty());
    assert!(
        foreign
            .requests()
            .iter()
            .all(|(_, _, authorized)| !authorized),
        "{:?}",
        foreign.requests()
    );
}

#[tokio::test]
async fn token_servers_that_are_none_are_not_asked() {
    for (realm, kind, part) in [
        (
            "ftp://127.0.0.1/token",
            FeedErrorKind::Malformed,
            "neither http nor https",
        ),
        ("/token", FeedErrorKind::Malformed, "not a URL"),
        (
            "http://joe@127.0.0.1/token",
            FeedErrorKind::Malformed,
            "user name or password",
        ),
        (
            "http://169.254.169.254/latest/meta-data",
            FeedErrorKind::Forbidden,
            "169.254.169.254",
        ),
        (
            "http://[::ffff:169.254.169.254]/",
            FeedErrorKind::Forbidden,
            "metadata address of a cloud",
        ),
        (
            "https://10.0.0.1/token",
            FeedErrorKind::Forbidden,
            "AllowedNetworks",
        ),
        (
            "https://localhost./token",
            FeedErrorKind::Unavailable,
            "cannot be reached",
        ),
    ] {
        let registry = registry().await;
        registry.require_token(None);
        registry.set_realm(realm);
        let (found, text) =
            error(&read(&reader(joe()), &docker(&registry.url()), "acme/web").await);
        assert_eq!(found, kind, "{realm}: {text}");
        assert!(text.contains(part), "{realm}: {text}");
    }
}

#[tokio::test]
async fn token_servers_may_misbehave() {
    use FeedErrorKind::{Denied, Incomplete, Malformed, Throttled, Unavailable};
    let redirect = vec![("Location".to_owned(), "http://127.0.0.1:1/".to_owned())];
    for (fault, kind, part) in [
        (FaultKind::Html, Malformed, "returns no token"),
        (FaultKind::EmptyBody, Malformed, "returns no token"),
        (FaultKind::WrongTypes, Malformed, "contains no valid token"),
        (
            FaultKind::EndlessBody,
            Incomplete,
            "longer than 131072 bytes",
        ),
        (FaultKind::Truncate, Incomplete, "ends early"),
        (FaultKind::Reset, Unavailable, "cannot be reached"),
        (FaultKind::TooManyRequests(None), Throttled(None), "429"),
        (
            FaultKind::Status(500, Vec::new(), String::new()),
            Unavailable,
            "500",
        ),
        (
            FaultKind::Status(403, Vec::new(), String::new()),
            Denied,
            "403",
        ),
        (
            FaultKind::Status(404, Vec::new(), String::new()),
            Malformed,
            "404",
        ),
        (
            FaultKind::Status(302, redirect, String::new()),
            Malformed,
            "302",
        ),
    ] {
        let registry = registry().await;
        registry.require_token(None);
        registry.fault(Fault::new("/token", usize::MAX, fault.clone()));
        let (found, text) =
            error(&read(&reader(joe()), &docker(&registry.url()), "acme/web").await);
        assert_eq!(found, kind, "{fault:?}: {text}");
        assert!(text.contains(part), "{fault:?}: {text}");
    }
}

#[tokio::test]
async fn unknown_challenges_are_reported() {
    for challenge in [
        "Negotiate",
        "Digest realm=\"x\", nonce=\"y\"",
        "Bearer",
        "%%%",
    ] {
        let registry = registry().await;
        let headers = vec![("WWW-Authenticate".to_owned(), challenge.to_owned())];
        registry.fault(Fault::always(FaultKind::Status(
            401,
            headers,
            String::new(),
        )));
        let (kind, text) = error(&read(&reader(joe()), &docker(&registry.url()), "acme/web").await);
        assert_eq!(kind, FeedErrorKind::Denied);
        assert!(
            text.contains("without a supported kind of authentication"),
            "{challenge}: {text}"
        );
        assert!(
            registry
                .requests()
                .iter()
                .all(|(_, _, authorized)| !authorized)
        );
    }
}

/// Every form in which a registry asks for a token, and what its token server is asked for then.
#[tokio::test]
async fn a_token_is_asked_for_in_answer_to_every_form_of_challenge() {
    const PULL: &str = "scope=repository%3Aacme%2Fweb%3Apull";
    const SERVICE: &str = "service=registry-server";
    for (challenges, asked) in [
        // Docker Hub's, GHCR's and Quay's at `/v2/` name no scope.
        (
            &["Bearer realm=\"REALM\",service=\"registry-server\""][..],
            format!("{SERVICE}&{PULL}"),
        ),
        (&["Bearer realm=\"REALM\",service=\"\""], PULL.to_owned()),
        (
            &["BEARER Realm=\"REALM\" , Scope=\"repository:acme/web:pull,push\""],
            PULL.to_owned(),
        ),
        (
            &["Bearer realm=\"REALM?account=x\",error=\"invalid_token\""],
            format!("account=x&{PULL}"),
        ),
        // Both at once, in one header or in two, as Codeberg and Nexus give them.
        (
            &[
                "Bearer realm=\"REALM\",scope=\"repository:acme/web:pull\",Basic realm=\"a, b\",charset=\"UTF-8\"",
            ],
            PULL.to_owned(),
        ),
        (
            &["Negotiate", "Basic realm=\"x\"", "Bearer realm=\"REALM\""],
            PULL.to_owned(),
        ),
    ] {
        let registry = registry().await;
        registry.require_token(Some(("joe", "s3cret")));
        let realm = format!("{}/token", registry.url());
        let header = |text: &&str| ("WWW-Authenticate".to_owned(), text.replace("REALM", &realm));
        let headers = challenges.iter().map(header).collect();
        registry.fault(Fault::new(
            LIST,
            1,
            FaultKind::Status(401, headers, String::new()),
        ));
        let outcome = read(&reader(joe()), &docker(&registry.url()), "acme/web").await;
        assert_eq!(versions(&outcome), ["1.0.0"], "{challenges:?}");
        let requests = registry.requests();
        let expected = [(LIST, false), ("/token", true), (LIST, true)];
        assert_eq!(paths(&requests), expected, "{challenges:?}");
        assert_eq!(requests[1].1, format!("/token?{asked}"), "{challenges:?}");
    }
}
