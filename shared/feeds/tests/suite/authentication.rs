//! Which credentials are sent, to which servers, and how often tokens are requested.

mod challenges;
mod redirects;

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
async fn open_registry_receives_no_credential() {
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
    let all_requests = requests(&["acme/web", "acme/api"], None);
    let outcomes = reader(Known::default())
        .read(&docker(&registry.url()), &all_requests)
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
async fn refused_credential_is_fetched_again_once() {
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
    let all_requests = requests(&["acme/web"; 5], None);
    let outcomes = reader(known.clone())
        .read(&docker(&registry.url()), &all_requests)
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
async fn feed_without_a_credential_is_reported() {
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
    assert!(text.contains("add a credential to the feed"), "{text}");
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

#[tokio::test]
async fn helm_repository_receives_the_credential_with_the_first_request() {
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
