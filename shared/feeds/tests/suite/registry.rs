//! Reading an OCI registry: what is listed, page by page, and what every fault becomes.

mod failures;

use std::time::Duration;

use crate::common::{Known, docker, error, feed, limited, paths, read, reader, requests, versions};
use domain::feed::FeedKind;
use domain::time::Span;
use engine::ports::{FeedErrorKind, FeedReader};
use feeds::Limits;
use registry_server::{Fault, FaultKind, Registry};

/// A registry with `acme/web`, five tags and two a page.
async fn registry() -> Registry {
    let registry = Registry::start().await.unwrap();
    for tag in ["1.0.0", "1.1.0", "2.0.0-rc.1", "latest", "v3"] {
        registry.push("acme/web", tag, tag);
    }
    registry.set_page_size(2);
    registry
}

const ALL: [&str; 5] = ["1.0.0", "1.1.0", "2.0.0-rc.1", "latest", "v3"];

#[tokio::test]
async fn all_pages_are_read_and_nothing_else() {
    let registry = registry().await;
    let outcome = read(
        &reader(Known::default()),
        &docker(&registry.url()),
        "acme/web",
    )
    .await;
    assert_eq!(versions(&outcome), ALL);
    let list = ("/v2/acme/web/tags/list", false);
    assert_eq!(paths(&registry.requests()), [list, list, list]);
}

#[tokio::test]
async fn tags_that_are_no_versions_are_left_out() {
    let registry = registry().await;
    let digits = "0f".repeat(32);
    for ending in ["", ".sig", ".att", ".sbom"] {
        registry.push("acme/web", &format!("sha256-{digits}{ending}"), "signature");
    }
    let outcome = read(
        &reader(Known::default()),
        &docker(&registry.url()),
        "acme/web",
    )
    .await;
    assert_eq!(versions(&outcome), ALL);
}

#[tokio::test]
async fn charts_in_oci_registries_have_their_plus_again() {
    let registry = Registry::start().await.unwrap();
    for tag in [
        "1.0.0",
        "1.0.0_b1",
        "1.0.0-rc.1_b.2",
        "latest_x",
        "v1.0.0_b1",
    ] {
        registry.push("charts/app", tag, tag);
    }
    let reader = reader(Known::default());
    let charts = read(
        &reader,
        &feed(FeedKind::OciRegistry, &registry.url()),
        "charts/app",
    )
    .await;
    let mut listed = versions(&charts);
    listed.sort_unstable();
    assert_eq!(
        listed,
        [
            "1.0.0",
            "1.0.0+b1",
            "1.0.0-rc.1+b.2",
            "latest_x",
            "v1.0.0_b1"
        ]
    );
    let images = read(&reader, &docker(&registry.url()), "charts/app").await;
    assert!(versions(&images).contains(&"1.0.0_b1"));
}

#[tokio::test]
async fn registry_path_precedes_the_name() {
    let registry = registry().await;
    let mut feed = docker(&registry.url());
    feed.registry_path = Some("acme".to_owned());
    assert_eq!(
        versions(&read(&reader(Known::default()), &feed, "web").await),
        ALL
    );
    let (kind, text) = error(&read(&reader(Known::default()), &feed, "Web").await);
    assert_eq!(kind, FeedErrorKind::Misconfigured);
    assert!(
        text.contains("acme/Web") && text.contains("lower case"),
        "{text}"
    );
}

#[tokio::test]
async fn a_repository_without_tags_has_no_versions() {
    let registry = registry().await;
    for tag in ALL {
        registry.delete_tag("acme/web", tag);
    }
    let outcome = read(
        &reader(Known::default()),
        &docker(&registry.url()),
        "acme/web",
    )
    .await;
    assert_eq!(versions(&outcome), [""; 0]);
}

#[tokio::test]
async fn a_page_size_that_is_refused_is_made_smaller() {
    for code in [400, 405, 413] {
        let registry = registry().await;
        registry.fault(Fault::new(
            "n=1000",
            1,
            FaultKind::Status(code, Vec::new(), String::new()),
        ));
        let outcome = read(
            &reader(Known::default()),
            &docker(&registry.url()),
            "acme/web",
        )
        .await;
        assert_eq!(versions(&outcome), ALL);
        assert!(
            registry.requests()[1].1.ends_with("?n=100"),
            "{:?}",
            registry.requests()
        );
    }
}

#[tokio::test]
async fn packages_are_read_side_by_side_in_order() {
    let registry = registry().await;
    let names: Vec<_> = (0..6).map(|number| format!("acme/p{number}")).collect();
    names.iter().for_each(|name| {
        registry.push(name, name.rsplit('/').next().unwrap(), "1");
    });
    // The first is the last to answer: a reader that waits for it alone would miss its deadline.
    registry.fault(Fault::new(
        "acme/p0/",
        1,
        FaultKind::Slow(Duration::from_millis(300)),
    ));
    let all_requests: Vec<_> = names.iter().map(String::as_str).collect();
    let outcomes = reader(Known::default())
        .read(&docker(&registry.url()), &requests(&all_requests, None))
        .await
        .readings;
    let found: Vec<_> = outcomes
        .iter()
        .map(|outcome| versions(outcome)[0])
        .collect();
    assert_eq!(found, ["p0", "p1", "p2", "p3", "p4", "p5"]);
}

#[tokio::test]
async fn other_kinds_of_feed_are_octopus_s() {
    let feed = feed(FeedKind::Maven, "https://repo.example.com");
    let (kind, text) = error(&read(&reader(Known::default()), &feed, "a:b").await);
    assert_eq!(kind, FeedErrorKind::Misconfigured);
    assert!(text.contains("Maven"), "{text}");
}
