//! Digests of the tags that a trigger follows, and of no others.

use crate::common::{Known, Outcome, docker, error, feed, listed, read_wanting, reader};
use domain::feed::FeedKind;
use engine::ports::{FeedErrorKind, Followed, Wants};
use registry_server::{Fault, FaultKind, Registry};

fn following(tags: &[&str], known: Option<&str>, platform: Option<&str>) -> Wants {
    let followed = |tag: &&str| Followed {
        version: (*tag).to_owned(),
        known: known.map(str::to_owned),
    };
    Wants {
        digests_of: tags.iter().map(followed).collect(),
        platform: platform.map(str::to_owned),
        ..Wants::default()
    }
}

fn digest(outcome: &Outcome, version: &str) -> Option<String> {
    let listed = listed(outcome)
        .iter()
        .find(|listed| listed.version == version);
    listed.unwrap().digest.clone()
}

/// Method and last part of the path of what was asked after the list.
fn asked(registry: &Registry) -> Vec<(String, String)> {
    let requests = registry.requests().into_iter();
    let manifests = requests.filter(|(_, target, _)| target.contains("/manifests/"));
    manifests
        .map(|(method, target, _)| (method, target.rsplit('/').next().unwrap().to_owned()))
        .collect()
}

async fn registry() -> (Registry, String) {
    let registry = Registry::start().await.unwrap();
    registry.push("acme/web", "1.0.0", "one");
    let latest = registry.push("acme/web", "latest", "one more");
    (registry, latest)
}

#[tokio::test]
async fn only_followed_tags_are_asked_for_and_by_head() {
    let (registry, latest) = registry().await;
    let feed = docker(&registry.url());
    for known in [
        None,
        Some(latest.as_str()),
        Some("sha256:other"),
        Some("odd\nvalue"),
    ] {
        registry.clear_requests();
        let wants = following(&["latest", "gone"], known, None);
        let outcome = read_wanting(&reader(Known::default()), &feed, "acme/web", wants).await;
        assert_eq!(
            digest(&outcome, "latest").as_deref(),
            Some(latest.as_str()),
            "{known:?}"
        );
        assert_eq!(digest(&outcome, "1.0.0"), None);
        assert_eq!(asked(&registry), [("HEAD".to_owned(), "latest".to_owned())]);
    }
    let moved = registry.push("acme/web", "latest", "two");
    let wants = following(&["latest"], Some(&latest), None);
    let outcome = read_wanting(&reader(Known::default()), &feed, "acme/web", wants).await;
    assert_eq!(digest(&outcome, "latest"), Some(moved));
}

#[tokio::test]
async fn a_registry_without_head_is_asked_by_get_from_then_on() {
    let (registry, latest) = registry().await;
    registry.refuse_head();
    let (reader, feed) = (reader(Known::default()), docker(&registry.url()));
    for (known, expected) in [
        (None, &["HEAD", "GET"][..]),
        (None, &["GET"]),
        (Some(latest.as_str()), &["GET"]),
    ] {
        registry.clear_requests();
        let wants = following(&["latest"], known, None);
        let outcome = read_wanting(&reader, &feed, "acme/web", wants).await;
        assert_eq!(digest(&outcome, "latest").as_deref(), Some(latest.as_str()));
        let methods: Vec<_> = asked(&registry)
            .into_iter()
            .map(|(method, _)| method)
            .collect();
        assert_eq!(methods, expected);
    }
}

/// Whatever a HEAD is answered with, the digest is right, absent or an error, and never another.
#[tokio::test]
async fn heads_that_do_not_tell_are_followed_by_a_get() {
    let header = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
    let status = |code, headers| FaultKind::Status(code, headers, String::new());
    for fault in [
        status(200, Vec::new()),
        status(200, header("Docker-Content-Digest", "")),
        status(200, header("Docker-Content-Digest", "sha256:short")),
        status(200, header("Docker-Content-Digest", "md5:0")),
        status(304, Vec::new()),
        status(403, Vec::new()),
        status(404, Vec::new()),
        status(405, Vec::new()),
        status(400, Vec::new()),
    ] {
        let (registry, latest) = registry().await;
        registry.fault(Fault::new("/manifests/", 1, fault.clone()));
        let wants = following(&["latest"], None, None);
        let feed = docker(&registry.url());
        let outcome = read_wanting(&reader(Known::default()), &feed, "acme/web", wants).await;
        assert_eq!(digest(&outcome, "latest"), Some(latest), "{fault:?}");
    }
    for (fault, kind) in [
        (status(403, Vec::new()), FeedErrorKind::Denied),
        (status(401, Vec::new()), FeedErrorKind::Denied),
        (status(500, Vec::new()), FeedErrorKind::Unavailable),
        (
            FaultKind::TooManyRequests(None),
            FeedErrorKind::Throttled(None),
        ),
        (FaultKind::Truncate, FeedErrorKind::Incomplete),
        (status(418, Vec::new()), FeedErrorKind::Malformed),
    ] {
        let (registry, _) = registry().await;
        registry.refuse_head();
        registry.fault(Fault::new("/manifests/", usize::MAX, fault.clone()));
        let wants = following(&["latest"], None, None);
        let feed = docker(&registry.url());
        let outcome = read_wanting(&reader(Known::default()), &feed, "acme/web", wants).await;
        assert_eq!(error(&outcome).0, kind, "{fault:?}");
    }
}

#[tokio::test]
async fn a_tag_that_is_gone_by_then_has_no_digest() {
    let (registry, _) = registry().await;
    let gone = FaultKind::Status(404, Vec::new(), String::new());
    registry.fault(Fault::new("/manifests/", usize::MAX, gone));
    let wants = following(&["latest"], None, None);
    let feed = docker(&registry.url());
    let outcome = read_wanting(&reader(Known::default()), &feed, "acme/web", wants).await;
    assert_eq!(digest(&outcome, "latest"), None);
}

/// The image for a platform, which is not that of the index; an index is opened once.
#[tokio::test]
async fn a_platform_has_an_image_of_its_own() {
    let registry = Registry::start().await.unwrap();
    let images = [("linux/amd64", "for amd"), ("linux/arm64", "for arm")];
    let (index, children) = registry.push_index("acme/web", "latest", &images);
    let single = registry.push("acme/web", "single", "single");
    let (reader, feed) = (reader(Known::default()), docker(&registry.url()));
    for (platform, expected, opened) in [
        (None, Some(&index), 0),
        (Some("linux/amd64"), Some(&children[0]), 1),
        (Some("linux/aarch64"), Some(&children[1]), 1),
        (Some("linux/amd64"), Some(&children[0]), 0),
        (Some("windows/amd64"), None, 1),
        (Some("windows/amd64"), None::<&String>, 0),
    ] {
        registry.clear_requests();
        let wants = following(&["latest"], Some(&index), platform);
        let outcome = read_wanting(&reader, &feed, "acme/web", wants).await;
        assert_eq!(
            digest(&outcome, "latest").as_ref(),
            expected,
            "{platform:?}"
        );
        let asked = asked(&registry);
        assert_eq!(asked.len(), 1 + opened, "{platform:?}: {asked:?}");
        assert!(
            asked[1..]
                .iter()
                .all(|(method, what)| method == "GET" && *what == index)
        );
    }
    let wants = following(&["single"], None, Some("linux/arm64"));
    let outcome = read_wanting(&reader, &feed, "acme/web", wants).await;
    assert_eq!(
        digest(&outcome, "single"),
        Some(single),
        "it is the image itself"
    );

    // Another index, and the image that it has.
    let images = [("linux/amd64", "for amd, again")];
    let (_, children) = registry.push_index("acme/web", "latest", &images);
    let wants = following(&["latest"], None, Some("linux/amd64"));
    let outcome = read_wanting(&reader, &feed, "acme/web", wants).await;
    assert_eq!(digest(&outcome, "latest").as_ref(), Some(&children[0]));
}

/// Indexes may hold indexes. Three within each other are opened, and no more.
#[tokio::test]
async fn an_index_within_an_index_is_opened_but_not_for_ever() {
    let registry = Registry::start().await.unwrap();
    let images = [("linux/amd64", "for amd"), ("linux/arm64", "for arm")];
    let (mut index, children) = registry.push_index("acme/web", "plain", &images);
    let (reader, feed) = (reader(Known::default()), docker(&registry.url()));
    for (tag, expected, opened) in [
        ("within-one", Some(&children[1]), 2),
        ("within-two", Some(&children[1]), 3),
        ("within-three", None, 3),
    ] {
        index = registry.push_index_of("acme/web", tag, &index);
        registry.clear_requests();
        let wants = following(&[tag], None, Some("linux/arm64"));
        let outcome = read_wanting(&reader, &feed, "acme/web", wants).await;
        assert_eq!(digest(&outcome, tag).as_ref(), expected, "{tag}");
        assert_eq!(asked(&registry).len(), 1 + opened, "{tag}");
    }
}

#[tokio::test]
async fn a_manifest_that_is_not_what_its_digest_says_is_refused() {
    for body in [r#"{"manifests":[]}"#, "<html>"] {
        let (registry, _) = registry().await;
        let other = FaultKind::Status(200, Vec::new(), body.to_owned());
        registry.fault(Fault::new("/manifests/sha256:", usize::MAX, other));
        let wants = following(&["latest"], None, Some("linux/amd64"));
        let feed = docker(&registry.url());
        let outcome = read_wanting(&reader(Known::default()), &feed, "acme/web", wants).await;
        let (kind, text) = error(&outcome);
        assert_eq!(kind, FeedErrorKind::Malformed);
        assert!(
            text.contains("another manifest than its digest says"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_chart_is_followed_under_its_version() {
    let registry = Registry::start().await.unwrap();
    let chart = registry.push("charts/app", "1.0.0_b1", "chart");
    let feed = feed(FeedKind::OciRegistry, &registry.url());
    let wants = following(&["1.0.0+b1"], None, None);
    let outcome = read_wanting(&reader(Known::default()), &feed, "charts/app", wants).await;
    assert_eq!(digest(&outcome, "1.0.0+b1"), Some(chart));
}

#[tokio::test]
async fn a_digest_takes_the_token_of_the_list() {
    let (registry, latest) = registry().await;
    registry.require_token(Some(("joe", "s3cret")));
    let wants = following(&["latest"], None, None);
    let feed = docker(&registry.url());
    let reader = reader(Known::user("joe", "s3cret"));
    let outcome = read_wanting(&reader, &feed, "acme/web", wants).await;
    assert_eq!(digest(&outcome, "latest"), Some(latest));
    let tokens = registry
        .requests()
        .iter()
        .filter(|(_, target, _)| target.starts_with("/token"))
        .count();
    assert_eq!((tokens, registry.requests().len()), (1, 4));
}
