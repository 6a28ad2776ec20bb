//! Who we say that we are, to whom, and how often we ask.

use std::time::Duration;

use crate::common::{Known, basic, docker, error, feed, paths, read, reader, requests, versions};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::feed::FeedKind;
use engine::ports::{FeedErrorKind, FeedReader};
use feeds::Credential;
use registry_server::{Fault, FaultKind, HelmRepository, Registry, SeveralScopes};

const LIST: &str = "/v2/acme/web/tags/list";

async fn registry() -> Registry {
    let registry = Registry::start().await.unwrap();
    registry.push("acme/web", "1.0.0", "one");
    registry
}

fn joe() -> Known {
    Known::user("joe", "s3cret")
}

#[tokio::test]
async fn basic_is_sent_when_asked_for_and_remembered() {
    let registry = registry().await;
    registry.require_basic("joe", "s3cret");
    let reader = reader(joe());
    assert_eq!(
        versions(&read(&reader, &docker(&registry.url()), "acme/web").await),
        ["1.0.0"]
    );
    assert_eq!(paths(&registry.requests()), [(LIST, false), (LIST, true)]);
    registry.clear_requests();
    assert_eq!(
        versions(&read(&reader, &docker(&registry.url()), "acme/web").await),
        ["1.0.0"]
    );
    assert_eq!(paths(&registry.requests()), [(LIST, true)]);
}

#[tokio::test]
async fn an_open_registry_is_never_told_a_credential() {
    let registry = registry().await;
    assert_eq!(
        versions(&read(&reader(joe()), &docker(&registry.url()), "acme/web").await),
        ["1.0.0"]
    );
    assert_eq!(paths(&registry.requests()), [(LIST, false)]);
}

#[tokio::test]
async fn a_token_is_fetched_once_and_used_again() {
    for user in [None, Some(("joe", "s3cret"))] {
        let registry = registry().await;
        registry.require_token(user);
        let reader = reader(if user.is_some() {
            joe()
        } else {
            Known::default()
        });
        assert_eq!(
            versions(&read(&reader, &docker(&registry.url()), "acme/web").await),
            ["1.0.0"]
        );
        let token = registry.requests()[1].1.clone();
        assert_eq!(
            token,
            "/token?service=registry-server&scope=repository%3Aacme%2Fweb%3Apull"
        );
        assert_eq!(
            paths(&registry.requests()),
            [(LIST, false), ("/token", user.is_some()), (LIST, true)]
        );
        registry.clear_requests();
        assert_eq!(
            versions(&read(&reader, &docker(&registry.url()), "acme/web").await),
            ["1.0.0"]
        );
        assert_eq!(paths(&registry.requests()), [(LIST, true)]);
        // A token that is refused is fetched again, once.
        registry.revoke_tokens();
        registry.clear_requests();
        assert_eq!(
            versions(&read(&reader, &docker(&registry.url()), "acme/web").await),
            ["1.0.0"]
        );
        assert_eq!(
            paths(&registry.requests()),
            [(LIST, true), ("/token", user.is_some()), (LIST, true)]
        );
    }
}

#[tokio::test]
async fn a_repository_s_token_is_good_on_every_page() {
    let registry = registry().await;
    registry.push("acme/api", "1", "1");
    registry.push("acme/api", "2", "2");
    registry.push("acme/api", "3", "3");
    registry.set_page_size(1);
    registry.set_token_lifetime(Duration::from_secs(300));
    registry.set_several_scopes(SeveralScopes::FirstOnly);
    registry.require_token(None);
    let wanted = requests(&["acme/web", "acme/api"], None);
    let outcomes = reader(Known::default())
        .read(&docker(&registry.url()), &wanted)
        .await
        .readings;
    assert_eq!(
        (versions(&outcomes[0]), versions(&outcomes[1])),
        (vec!["1.0.0"], vec!["1", "2", "3"])
    );
    let tokens = registry
        .requests()
        .iter()
        .filter(|(_, target, _)| target.starts_with("/token"))
        .count();
    assert_eq!(tokens, 2);
}

#[tokio::test]
async fn a_refused_credential_is_fetched_anew_once() {
    type Protect = fn(&Registry);
    let protections: [Protect; 2] = [
        |registry| registry.require_basic("joe", "s3cret"),
        |registry| registry.require_token(Some(("joe", "s3cret"))),
    ];
    for protect in protections {
        let registry = registry().await;
        protect(&registry);
        let rotated = Known {
            first: basic("joe", "old"),
            ..joe()
        };
        assert_eq!(
            versions(
                &read(
                    &reader(rotated.clone()),
                    &docker(&registry.url()),
                    "acme/web"
                )
                .await
            ),
            ["1.0.0"]
        );
        assert_eq!(rotated.calls(), [false, true]);
    }
}

#[tokio::test]
async fn a_credential_that_stays_wrong_is_denied_after_one_refresh_for_all_packages() {
    let registry = registry().await;
    registry.require_basic("joe", "other");
    let known = joe();
    let wanted = requests(&["acme/web"; 5], None);
    let outcomes = reader(known.clone())
        .read(&docker(&registry.url()), &wanted)
        .await
        .readings;
    for outcome in &outcomes {
        let (kind, text) = error(outcome);
        assert_eq!(kind, FeedErrorKind::Denied);
        assert!(text.contains("check the feed's credential"), "{text}");
    }
    assert_eq!(known.calls(), [false, true]);
    assert!(registry.requests().len() <= 10, "{:?}", registry.requests());
}

#[tokio::test]
async fn a_feed_without_a_credential_is_told_to_have_one() {
    let registry = registry().await;
    registry.require_basic("joe", "s3cret");
    let (kind, text) = error(
        &read(
            &reader(Known::default()),
            &docker(&registry.url()),
            "acme/web",
        )
        .await,
    );
    assert_eq!(kind, FeedErrorKind::Denied);
    assert!(text.contains("give the feed a credential"), "{text}");
    assert_eq!(registry.requests().len(), 1);
}

#[tokio::test]
async fn a_ready_made_header_goes_out_at_once() {
    let registry = registry().await;
    registry.require_basic("AWS", "s3cret");
    let header = format!("Basic {}", BASE64_STANDARD.encode("AWS:s3cret"));
    let known = Known {
        first: Some(Credential::AuthorizationHeader(header.into())),
        ..Known::default()
    };
    let ecr = feed(FeedKind::AwsElasticContainerRegistry, &registry.url());
    assert_eq!(
        versions(&read(&reader(known), &ecr, "acme/web").await),
        ["1.0.0"]
    );
    assert_eq!(paths(&registry.requests()), [(LIST, true)]);
}

/// A token server under another origin, named by the registry: it sees no credential, whatever it does.
#[tokio::test]
async fn a_foreign_token_server_is_told_nothing() {
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
            "--allow-network",
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
        (FaultKind::Html, Malformed, "gives no token"),
        (FaultKind::EmptyBody, Malformed, "gives no token"),
        (FaultKind::WrongTypes, Malformed, "holds no token"),
        (
            FaultKind::EndlessBody,
            Incomplete,
            "longer than 131072 bytes",
        ),
        (FaultKind::Truncate, Incomplete, "breaks off"),
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
async fn challenges_that_nobody_understands_are_told() {
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
            text.contains("no kind of authentication that is known"),
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

/// A redirect takes the request elsewhere, but not the credential, and whoever is there may not ask for it.
#[tokio::test]
async fn a_redirect_leaves_the_credential_behind() {
    let elsewhere = registry().await;
    let registry = registry().await;
    let redirect = |to: &Registry| {
        let location = vec![("Location".to_owned(), format!("{}{LIST}", to.url()))];
        Fault::new(LIST, 2, FaultKind::Status(307, location, String::new()))
    };
    let header = format!("Basic {}", BASE64_STANDARD.encode("joe:s3cret"));
    let eager = Known {
        first: Some(Credential::AuthorizationHeader(header.into())),
        ..Known::default()
    };
    registry.fault(redirect(&elsewhere));
    assert_eq!(
        versions(&read(&reader(eager.clone()), &docker(&registry.url()), "acme/web").await),
        ["1.0.0"]
    );
    assert_eq!(paths(&registry.requests()), [(LIST, true)]);
    assert_eq!(paths(&elsewhere.requests()), [(LIST, false)]);

    elsewhere.clear_requests();
    elsewhere.require_basic("joe", "s3cret");
    let (kind, text) = error(&read(&reader(eager), &docker(&registry.url()), "acme/web").await);
    assert_eq!(kind, FeedErrorKind::Denied);
    assert!(
        text.contains("redirects to another host that asks for a credential"),
        "{text}"
    );
    assert_eq!(paths(&elsewhere.requests()), [(LIST, false)]);
}

#[tokio::test]
async fn redirects_are_followed_a_few_times_and_to_few_places() {
    for (location, part) in [
        ("http://169.254.169.254/latest/", "may not be reached"),
        ("http://[::1]:80/", "may not be reached"),
        ("ftp://127.0.0.1/", "redirect"),
        ("http://joe:pw@127.0.0.1/", "user name or password"),
        (LIST, "more than 5 times"),
    ] {
        let registry = registry().await;
        let headers = vec![("Location".to_owned(), location.to_owned())];
        registry.fault(Fault::always(FaultKind::Status(
            302,
            headers,
            String::new(),
        )));
        let (kind, text) = error(&read(&reader(joe()), &docker(&registry.url()), "acme/web").await);
        assert!(
            matches!(kind, FeedErrorKind::Forbidden | FeedErrorKind::Malformed),
            "{location}: {text}"
        );
        assert!(
            text.contains(part) || kind == FeedErrorKind::Malformed,
            "{location}: {text}"
        );
        assert!(
            registry.requests().len() <= 6,
            "{location}: {}",
            registry.requests().len()
        );
    }
}

/// AWS's credential goes to ECR, and to what the user allowed; others over plain http only to the latter.
#[tokio::test]
async fn credentials_stay_at_home() {
    let aws = Known {
        first: Some(Credential::AuthorizationHeader(
            "Basic QVdTOnMzY3JldA==".into(),
        )),
        ..Known::default()
    };
    for (kind, uri, known, part) in [
        (
            FeedKind::AwsElasticContainerRegistry,
            "https://evil.invalid",
            aws,
            "AWS's credential is not sent there",
        ),
        (
            FeedKind::Docker,
            "http://registry.invalid",
            joe(),
            "is plain http",
        ),
        (FeedKind::Docker, "http://8.8.8.8", joe(), "is plain http"),
        (
            FeedKind::Helm,
            "http://charts.invalid/x",
            joe(),
            "is plain http",
        ),
    ] {
        let (found, text) = error(&read(&reader(known), &feed(kind, uri), "acme/web").await);
        assert_eq!(found, FeedErrorKind::Misconfigured, "{text}");
        assert!(text.contains(part), "{text}");
    }
}

#[tokio::test]
async fn a_helm_repository_is_told_at_once() {
    let charts = HelmRepository::start().await.unwrap();
    charts.publish("app", "1.0.0");
    charts.require_basic("joe", "s3cret");
    let feed = crate::common::helm(&charts.url());
    assert_eq!(
        versions(&read(&reader(joe()), &feed, "app").await),
        ["1.0.0"]
    );
    assert_eq!(paths(&charts.requests()), [("/charts/index.yaml", true)]);
    let rotated = Known {
        first: basic("joe", "old"),
        ..joe()
    };
    assert_eq!(
        versions(&read(&reader(rotated), &feed, "app").await),
        ["1.0.0"]
    );
    let wrong = error(&read(&reader(Known::user("joe", "no")), &feed, "app").await);
    assert_eq!(wrong.0, FeedErrorKind::Denied);
}
