//! Publication dates of versions, from each provider.

use crate::common::{
    Known, digests_of, docker, error, feed, listed, paths, read, read_details, reader,
};
use domain::feed::{Feed, FeedKind};
use domain::time::Timestamp;
use domain::trigger::PackageDetails;
use engine::ports::FeedErrorKind;
use registry_server::{Fault, FaultKind, Imitation, Registry};

const TAGS: usize = 130;

fn published() -> PackageDetails {
    PackageDetails {
        dates: true,
        ..PackageDetails::default()
    }
}

/// A registry with two pages of tags, and the feed by which it is known.
async fn registry(imitation: Imitation) -> (Registry, Feed) {
    let registry = Registry::start().await.unwrap();
    for number in 0..TAGS {
        let tag = format!("1.{number}.0");
        registry.push("team/sub/web", &tag, &tag);
    }
    registry.imitate(imitation);
    let kind = match imitation {
        Imitation::Azure => FeedKind::AzureContainerRegistry,
        Imitation::Google => FeedKind::GoogleContainerRegistry,
        _ => FeedKind::Docker,
    };
    match imitation {
        Imitation::Harbor => registry.set_service("harbor-registry"),
        Imitation::Quay => registry.set_realm(&format!("{}/v2/auth", registry.url())),
        _ => {}
    }
    let feed = feed(kind, &registry.url());
    (registry, feed)
}

/// Each provider with and without a user: how many requests its dates cost beyond the list and its token.
#[tokio::test]
async fn dates_come_from_where_each_provider_has_them() {
    for (imitation, user, api, cost) in [
        (Imitation::Google, None, "", 0),
        (Imitation::Google, Some(("_json_key", "s3cret")), "", 0),
        (Imitation::Azure, None, "/acr/v1/team/sub/web/_tags", 2),
        (
            Imitation::Azure,
            Some(("joe", "s3cret")),
            "/acr/v1/team/sub/web/_tags",
            2,
        ),
        (
            Imitation::Harbor,
            None,
            "/api/v2.0/projects/team/repositories/sub%252Fweb/artifacts",
            2,
        ),
        (
            Imitation::Harbor,
            Some(("robot$team+reader", "s3cret")),
            "/api/v2.0/projects/team/repositories/sub%252Fweb/artifacts",
            2,
        ),
        (
            Imitation::Quay,
            None,
            "/api/v1/repository/team/sub/web/tag/",
            2,
        ),
        (
            Imitation::Quay,
            Some(("team+robot", "s3cret")),
            "/api/v1/repository/team/sub/web/tag/",
            2,
        ),
    ] {
        let (registry, feed) = registry(imitation).await;
        registry.require_token(user);
        let known = user.map_or_else(Known::default, |(name, word)| Known::user(name, word));
        let outcome = read_details(&reader(known), &feed, "team/sub/web", published()).await;
        let versions = listed(&outcome);
        assert_eq!(versions.len(), TAGS, "{imitation:?}");
        for listed in versions {
            let pushed = registry.pushed("team/sub/web", &listed.version).unwrap();
            let pushed = Timestamp::from_millis(pushed.as_millisecond());
            assert_eq!(
                listed.published,
                Some(pushed),
                "{imitation:?} {}",
                listed.version
            );
            assert_eq!(listed.digest, None, "{imitation:?}: it is not followed");
        }
        let requests = registry.requests();
        let asked: Vec<_> = paths(&requests)
            .into_iter()
            .filter(|(path, _)| !api.is_empty() && *path == api)
            .collect();
        assert_eq!(asked.len(), cost, "{imitation:?}: {requests:?}");
        // Quay's API does not know the registry's users, so it receives no credential.
        let is_authorized = match imitation {
            Imitation::Quay => false,
            Imitation::Harbor => user.is_some(),
            _ => true,
        };
        assert!(
            asked
                .iter()
                .all(|(_, authorized)| *authorized == is_authorized),
            "{imitation:?}: {requests:?}"
        );
    }
}

#[tokio::test]
async fn dates_without_a_rule_are_not_requested() {
    for imitation in [
        Imitation::Google,
        Imitation::Azure,
        Imitation::Harbor,
        Imitation::Quay,
    ] {
        let (registry, feed) = registry(imitation).await;
        registry.require_token(None);
        let outcome = read(&reader(Known::default()), &feed, "team/sub/web").await;
        assert!(
            listed(&outcome)
                .iter()
                .all(|listed| listed.published.is_none())
        );
        assert!(
            registry
                .requests()
                .iter()
                .all(|(_, target, _)| !target.contains("/api/") && !target.contains("/acr/")),
            "{imitation:?}: {:?}",
            registry.requests()
        );
    }
}

/// An API that is closed to us leaves the dates unknown; one that fails, fails the read, because half of
/// the dates would choose wrongly.
#[tokio::test]
async fn failing_api_is_distinguished_from_a_missing_one() {
    let status = |code| FaultKind::Status(code, Vec::new(), String::new());
    for (fault, expected) in [
        (status(401), None),
        (status(403), None),
        (status(404), None),
        (FaultKind::Html, None),
        (FaultKind::WrongTypes, None),
        (status(500), Some(FeedErrorKind::Unavailable)),
        (FaultKind::Reset, Some(FeedErrorKind::Unavailable)),
        (FaultKind::Truncate, Some(FeedErrorKind::Incomplete)),
        (FaultKind::EndlessBody, Some(FeedErrorKind::Incomplete)),
        (
            FaultKind::TooManyRequests(None),
            Some(FeedErrorKind::Throttled(None)),
        ),
    ] {
        let (registry, feed) = registry(Imitation::Azure).await;
        registry.fault(Fault::new("/acr/v1/", usize::MAX, fault.clone()));
        let outcome = read_details(
            &reader(Known::default()),
            &feed,
            "team/sub/web",
            published(),
        )
        .await;
        match expected {
            Some(kind) => assert_eq!(error(&outcome).0, kind, "{fault:?}"),
            None => assert!(
                listed(&outcome)
                    .iter()
                    .all(|listed| listed.published.is_none()),
                "{fault:?}"
            ),
        }
    }
}

/// An API whose pages do not end is an error, and its links lead nowhere else.
#[tokio::test]
async fn an_api_that_does_not_end_is_left() {
    let (registry, feed) = registry(Imitation::Azure).await;
    for fault in [
        FaultKind::LoopingLink,
        FaultKind::ForeignLink("http://127.0.0.1:1/?n=1000&orderby=timedesc".to_owned()),
    ] {
        registry.clear_faults();
        registry.fault(Fault::new("/acr/v1/", usize::MAX, fault.clone()));
        let outcome = read_details(
            &reader(Known::default()),
            &feed,
            "team/sub/web",
            published(),
        )
        .await;
        let (kind, text) = error(&outcome);
        assert_eq!(kind, FeedErrorKind::Incomplete, "{fault:?}: {text}");
        assert!(text.contains("pages of dates"), "{fault:?}: {text}");
    }
}

/// Details that a listing contains are not requested again.
#[tokio::test]
async fn a_digest_that_comes_with_the_list_costs_nothing() {
    let (registry, feed) = registry(Imitation::Google).await;
    let digest = registry.push("team/sub/web", "latest", "new");
    let details = digests_of(&["latest"], None);
    let outcome = read_details(&reader(Known::default()), &feed, "team/sub/web", details).await;
    let latest = listed(&outcome)
        .iter()
        .find(|listed| listed.version == "latest")
        .unwrap();
    assert_eq!(latest.digest, Some(digest));
    assert_eq!(registry.requests().len(), 1);
}

#[tokio::test]
async fn a_registry_that_has_no_dates_is_read_without() {
    let registry = Registry::start().await.unwrap();
    registry.push("acme/web", "1", "1");
    for imitation in [Imitation::Artifactory, Imitation::Nexus, Imitation::GitLab] {
        registry.imitate(imitation);
        registry.clear_requests();
        let feed = docker(&registry.url());
        let outcome = read_details(&reader(Known::default()), &feed, "acme/web", published()).await;
        assert_eq!(listed(&outcome)[0].published, None);
        assert_eq!(registry.requests().len(), 1, "{imitation:?}");
    }
}
