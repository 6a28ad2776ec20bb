//! Labels, annotations and platforms of versions.

use domain::feed::FeedKind;
use domain::ids::PackageId;
use domain::metadata::VersionMetadata;
use engine::ports::{FeedError, FeedErrorKind, FeedReader, MetadataRequest};
use registry_server::{Fault, FaultKind, Registry};
use serde_json::{Value, json};

use crate::common::{Known, docker, feed, reader};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";

fn request(version: &str, digest: Option<&str>) -> MetadataRequest {
    MetadataRequest {
        package: PackageId::new("acme/web"),
        version: version.to_owned(),
        digest: digest.map(str::to_owned),
        keys: Vec::new(),
        record: None,
    }
}

async fn read(registry: &Registry, version: &str) -> Result<VersionMetadata, FeedError> {
    let feed = docker(&registry.url());
    let requests = [request(version, None)];
    let answer = reader(Known::default())
        .read_metadata(&feed, &requests)
        .await;
    answer.readings.into_iter().next().unwrap()
}

fn requested(registry: &Registry) -> Vec<String> {
    let requests = registry.requests().into_iter();
    let requests = requests.map(|(_, target, _)| target);
    requests
        .filter(|target| target.contains("/acme/web/"))
        .collect()
}

fn manifest(config: &str, annotations: &Value) -> Value {
    json!({ "schemaVersion": 2, "mediaType": MANIFEST, "annotations": annotations,
        "config": { "mediaType": CONFIG, "digest": config, "size": 1 }, "layers": [] })
}

fn entry(digest: &str, platform: &str) -> Value {
    let (os, architecture) = platform.split_once('/').unwrap();
    json!({ "mediaType": MANIFEST, "digest": digest, "size": 1,
        "platform": { "os": os, "architecture": architecture } })
}

#[tokio::test]
async fn labels_of_an_image_take_two_requests() {
    let registry = Registry::start().await.unwrap();
    let labels = [
        ("org.opencontainers.image.revision", "4f2a9c1"),
        ("team", "shop"),
    ];
    let digest = registry.push_labelled("acme/web", "1.0.0", "one", &labels);
    let found = read(&registry, "1.0.0").await.unwrap();
    assert_eq!(found.label("revision"), Some("4f2a9c1"));
    assert_eq!(found.label("team"), Some("shop"));
    assert_eq!(found.label("created"), Some("2026-03-01T12:00:00Z"));
    assert_eq!(found.platforms(), ["linux/amd64"]);
    assert_eq!(found.digest(), Some(digest.as_str()));
    assert_eq!(requested(&registry).len(), 2);
}

#[tokio::test]
async fn labels_of_an_index_are_those_of_linux_amd64() {
    let registry = Registry::start().await.unwrap();
    let image = |revision: &str, annotations: Value| {
        let config = registry.store(&json!({ "os": "linux", "architecture": "any",
            "config": { "Labels": { "org.opencontainers.image.revision": revision } } }));
        registry.store(&manifest(&config, &annotations))
    };
    let arm = image("arm", json!({}));
    let amd = image(
        "amd",
        json!({ "note": "manifest", "org.opencontainers.image.revision": "manifest" }),
    );
    let index = json!({ "schemaVersion": 2, "mediaType": INDEX,
        "manifests": [entry(&arm, "linux/arm64"), entry(&amd, "linux/amd64"), entry(&arm, "unknown/unknown")],
        "annotations": { "note": "index", "org.opencontainers.image.source": "https://github.com/acme/shop" } });
    let digest = registry.push_document("acme/web", "1.0.0", &index);
    let found = read(&registry, "1.0.0").await.unwrap();
    assert_eq!(found.label("revision"), Some("amd"));
    assert_eq!(found.label("note"), Some("manifest"));
    assert_eq!(found.label("source"), Some("https://github.com/acme/shop"));
    assert_eq!(found.platforms(), ["linux/amd64", "linux/arm64"]);
    assert_eq!(found.digest(), Some(digest.as_str()));
    assert_eq!(requested(&registry).len(), 3);
}

#[tokio::test]
async fn chart_has_the_annotations_of_its_manifest() {
    let registry = Registry::start().await.unwrap();
    let config = registry.store(&json!({ "name": "web" }));
    let chart = json!({ "schemaVersion": 2, "mediaType": MANIFEST, "layers": [],
        "config": { "mediaType": "application/vnd.cncf.helm.config.v1+json", "digest": config, "size": 1 },
        "annotations": { "org.opencontainers.image.source": "https://github.com/acme/shop" } });
    registry.push_document("acme/web", "1.0.0_build", &chart);
    let feed = feed(FeedKind::OciRegistry, &registry.url());
    let requests = [request("1.0.0+build", None)];
    let answer = reader(Known::default())
        .read_metadata(&feed, &requests)
        .await;
    let found = answer.readings.into_iter().next().unwrap().unwrap();
    assert_eq!(found.label("source"), Some("https://github.com/acme/shop"));
    assert_eq!(found.platforms(), [""; 0]);
    assert_eq!((answer.requests, requested(&registry).len()), (1, 1));
}

#[tokio::test]
async fn content_is_read_by_its_digest_and_once() {
    let registry = Registry::start().await.unwrap();
    let first = registry.push_labelled("acme/web", "latest", "one", &[("n", "1")]);
    registry.push_labelled("acme/web", "latest", "two", &[("n", "2")]);
    let (reader, feed) = (reader(Known::default()), docker(&registry.url()));
    for expected in [2, 0] {
        registry.clear_requests();
        let requests = [request("latest", Some(&first))];
        let answer = reader.read_metadata(&feed, &requests).await;
        let found = answer.readings.into_iter().next().unwrap().unwrap();
        assert_eq!(found.label("n"), Some("1"));
        assert_eq!(requested(&registry).len(), expected);
    }
}

#[tokio::test]
async fn failures_are_errors_of_their_version() {
    let registry = Registry::start().await.unwrap();
    registry.push_labelled("acme/web", "1.0.0", "one", &[]);
    let huge = json!({ "os": "linux", "history": "x".repeat(600 << 10) });
    let config = registry.store(&huge);
    registry.push_document("acme/web", "huge", &manifest(&config, &json!({})));
    let empty = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": [] });
    registry.push_document("acme/web", "empty", &empty);
    let absent = format!("sha256:{}", "0".repeat(64));
    registry.push_document("acme/web", "absent", &manifest(&absent, &json!({})));
    for (version, kind) in [
        ("gone", FeedErrorKind::NotFound),
        ("huge", FeedErrorKind::Incomplete),
        ("empty", FeedErrorKind::Malformed),
        ("absent", FeedErrorKind::NotFound),
    ] {
        let error = read(&registry, version).await.unwrap_err();
        assert_eq!(error.kind, kind, "{error}");
    }
    let other = FaultKind::Status(200, Vec::new(), "{}".to_owned());
    registry.fault(Fault::new("/blobs/", 1, other));
    let error = read(&registry, "1.0.0").await.unwrap_err();
    assert!(error.to_string().contains("another digest"), "{error}");
    assert!(read(&registry, "1.0.0").await.is_ok());
}

/// Versions of other feeds are refused without a request.
#[tokio::test]
async fn feeds_without_images_and_charts_have_no_labels() {
    let feed = feed(FeedKind::Maven, "https://maven.example.com");
    let requests = [request("1.0.0", None), request("1.1.0", None)];
    let answer = reader(Known::default())
        .read_metadata(&feed, &requests)
        .await;
    assert_eq!((answer.readings.len(), answer.requests), (2, 0));
    let error = answer.readings.into_iter().next().unwrap().unwrap_err();
    assert_eq!(error.kind, FeedErrorKind::Misconfigured);
}
