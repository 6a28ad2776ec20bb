//! Digests of the tags that a trigger follows, and of no others.

use crate::common::{
    Known, Outcome, digests_of, docker, error, feed, listed, read_details, read_request, reader,
};
use domain::feed::FeedKind;
use domain::ids::PackageId;
use engine::ports::{FeedErrorKind, NEWEST_WITH_DIGESTS, ReadRequest};
use registry_server::{Fault, FaultKind, Registry};

/// A request for the digests of these tags of `acme/web`, all with the same known digest. The digests of
/// the repository's other tags are known, so that a platform requests no others.
fn following(tags: &[&str], known: Option<&str>, platform: Option<&str>) -> ReadRequest {
    let others = ["1.0.0", "single", "plain", "within-one", "within-two"];
    let others = others.map(|other| (other.to_owned(), "sha256:known".to_owned()));
    let mut request = ReadRequest {
        details: digests_of(tags, platform),
        known_digests: others.into_iter().collect(),
        ..ReadRequest::new(PackageId::new("acme/web"))
    };
    let known = known.iter();
    let known = known.flat_map(|known| tags.iter().map(|tag| ((*tag).into(), (*known).into())));
    request.known_digests.extend(known);
    request
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
        let request = following(&["latest", "gone"], known, None);
        let outcome = read_request(&reader(Known::default()), &feed, request).await;
        assert_eq!(
            digest(&outcome, "latest").as_deref(),
            Some(latest.as_str()),
            "{known:?}"
        );
        assert_eq!(digest(&outcome, "1.0.0"), None);
        assert_eq!(asked(&registry), [("HEAD".to_owned(), "latest".to_owned())]);
    }
    let moved = registry.push("acme/web", "latest", "two");
    let request = following(&["latest"], Some(&latest), None);
    let outcome = read_request(&reader(Known::default()), &feed, request).await;
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
        let request = following(&["latest"], known, None);
        let outcome = read_request(&reader, &feed, request).await;
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
async fn head_without_a_digest_is_followed_by_a_get() {
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
        status(500, Vec::new()),
        status(501, Vec::new()),
    ] {
        let (registry, latest) = registry().await;
        registry.fault(Fault::new("/manifests/", 1, fault.clone()));
        let request = following(&["latest"], None, None);
        let feed = docker(&registry.url());
        let outcome = read_request(&reader(Known::default()), &feed, request).await;
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
        let request = following(&["latest"], None, None);
        let feed = docker(&registry.url());
        let outcome = read_request(&reader(Known::default()), &feed, request).await;
        assert_eq!(error(&outcome).0, kind, "{fault:?}");
    }
}

#[tokio::test]
async fn a_tag_that_is_gone_by_then_has_no_digest() {
    let (registry, _) = registry().await;
    let gone = FaultKind::Status(404, Vec::new(), String::new());
    registry.fault(Fault::new("/manifests/", usize::MAX, gone));
    let request = following(&["latest"], None, None);
    let feed = docker(&registry.url());
    let outcome = read_request(&reader(Known::default()), &feed, request).await;
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
        let request = following(&["latest"], Some(&index), platform);
        let outcome = read_request(&reader, &feed, request).await;
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
    let request = following(&["single"], None, Some("linux/arm64"));
    let outcome = read_request(&reader, &feed, request).await;
    assert_eq!(
        digest(&outcome, "single"),
        Some(single),
        "it is the image itself"
    );

    // Another index, and the image that it has.
    let images = [("linux/amd64", "for amd, again")];
    let (_, children) = registry.push_index("acme/web", "latest", &images);
    let request = following(&["latest"], None, Some("linux/amd64"));
    let outcome = read_request(&reader, &feed, request).await;
    assert_eq!(digest(&outcome, "latest").as_ref(), Some(&children[0]));
}

/// More versions than those whose digests are read; the digest of the newest is known.
#[tokio::test]
async fn platform_digests_are_read_for_newest_versions_without_known_digest() {
    let registry = Registry::start().await.unwrap();
    for number in 0..=NEWEST_WITH_DIGESTS {
        registry.push("acme/web", &format!("1.{number}.0"), &number.to_string());
    }
    let newest = format!("1.{NEWEST_WITH_DIGESTS}.0");
    let request = ReadRequest {
        details: digests_of(&[], Some("linux/amd64")),
        known_digests: [(newest.clone(), "sha256:known".to_owned())].into(),
        ..ReadRequest::new(PackageId::new("acme/web"))
    };
    let feed = docker(&registry.url());
    let outcome = read_request(&reader(Known::default()), &feed, request).await;
    let listed = listed(&outcome).iter();
    let without = listed.filter(|listed| listed.digest.is_none());
    let without: Vec<_> = without.map(|listed| listed.version.as_str()).collect();
    assert_eq!(without, ["1.0.0", newest.as_str()]);
}

/// Indexes may contain indexes. Three nested ones are read, and no more.
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
        let request = following(&[tag], None, Some("linux/arm64"));
        let outcome = read_request(&reader, &feed, request).await;
        assert_eq!(digest(&outcome, tag).as_ref(), expected, "{tag}");
        assert_eq!(asked(&registry).len(), 1 + opened, "{tag}");
    }
}

#[tokio::test]
async fn manifest_with_another_digest_is_refused() {
    for body in [r#"{"manifests":[]}"#, "<html>"] {
        let (registry, _) = registry().await;
        let other = FaultKind::Status(200, Vec::new(), body.to_owned());
        registry.fault(Fault::new("/manifests/sha256:", usize::MAX, other));
        let request = following(&["latest"], None, Some("linux/amd64"));
        let feed = docker(&registry.url());
        let outcome = read_request(&reader(Known::default()), &feed, request).await;
        let (kind, text) = error(&outcome);
        assert_eq!(kind, FeedErrorKind::Malformed);
        assert!(
            text.contains("a manifest with another digest than the requested one"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_chart_is_followed_under_its_version() {
    let registry = Registry::start().await.unwrap();
    let chart = registry.push("charts/app", "1.0.0_b1", "chart");
    let feed = feed(FeedKind::OciRegistry, &registry.url());
    let details = digests_of(&["1.0.0+b1"], None);
    let outcome = read_details(&reader(Known::default()), &feed, "charts/app", details).await;
    assert_eq!(digest(&outcome, "1.0.0+b1"), Some(chart));
}

#[tokio::test]
async fn a_digest_takes_the_token_of_the_list() {
    let (registry, latest) = registry().await;
    registry.require_token(Some(("joe", "s3cret")));
    let request = following(&["latest"], None, None);
    let feed = docker(&registry.url());
    let reader = reader(Known::user("joe", "s3cret"));
    let outcome = read_request(&reader, &feed, request).await;
    assert_eq!(digest(&outcome, "latest"), Some(latest));
    let tokens = registry
        .requests()
        .iter()
        .filter(|(_, target, _)| target.starts_with("/token"))
        .count();
    assert_eq!((tokens, registry.requests().len()), (1, 4));
}
