//! Signatures of images, which cosign stores beside them.

use domain::ids::PackageId;
use engine::ports::{FeedReader, MetadataRequest};
use registry_server::{Fault, FaultKind, Registry};
use serde_json::{Value, json};
use signatures::{MAX_PAYLOAD_BYTES, ManifestDigest};

use crate::common::{Known, docker, reader};

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!(
            "../../../signatures/tests/fixtures/openssl/",
            $name
        ))
    };
}

const IMAGE: &[u8] = fixture!("manifest.json");
const P256: &[u8] = fixture!("p256.pub");
const ED25519: &[u8] = fixture!("ed25519.pub");
const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

fn image() -> ManifestDigest {
    ManifestDigest::of(IMAGE)
}

async fn registry() -> Registry {
    let registry = Registry::start().await.unwrap();
    registry.push_manifest("acme/web", Some("1.0"), IMAGE, &[]);
    registry
}

/// Verifies the signatures of version 1.0: `valid`, or why none is, or the error.
async fn verified(registry: &Registry, key: &[u8]) -> String {
    let request = MetadataRequest {
        package: PackageId::new("acme/web"),
        version: "1.0".to_owned(),
        digest: None,
        keys: vec![String::from_utf8(key.to_vec()).unwrap()],
        record: None,
    };
    let feed = docker(&registry.url());
    let reader = reader(Known::default());
    let answer = reader.read_metadata(&feed, &[request]).await;
    match answer.readings.into_iter().next().unwrap() {
        Ok(read) => match read.signature() {
            Some(Ok(())) => "valid".to_owned(),
            Some(Err(why)) => why.clone(),
            None => "not read".to_owned(),
        },
        Err(error) => format!("error: {error}"),
    }
}

fn descriptor(kind: &str, bytes: &[u8]) -> Value {
    json!({ "mediaType": kind, "digest": ManifestDigest::of(bytes).as_str(), "size": bytes.len() })
}

/// The form of cosign 1 and 2: payloads, each with its signature.
fn attach(registry: &Registry, payloads: &[(&[u8], &[u8])]) {
    let layers = payloads.iter().map(|(payload, signature)| {
        let kind = "application/vnd.dev.cosign.simplesigning.v1+json";
        let mut layer = descriptor(kind, payload);
        let signature = String::from_utf8_lossy(signature);
        layer["annotations"] = json!({ "dev.cosignproject.cosign/signature": signature });
        layer
    });
    let layers: Vec<_> = layers.collect();
    let manifest = json!({ "schemaVersion": 2, "mediaType": MANIFEST, "layers": layers });
    let blobs: Vec<_> = payloads.iter().map(|(payload, _)| *payload).collect();
    let tag = image().signature_tag();
    let manifest = manifest.to_string();
    registry.push_manifest("acme/web", Some(&tag), manifest.as_bytes(), &blobs);
}

/// The form of cosign 3: a bundle that refers to an image. Returns its manifest.
fn refer(registry: &Registry, subject: &ManifestDigest, bundle: &[u8]) -> Vec<u8> {
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "artifactType": BUNDLE,
        "subject": { "mediaType": MANIFEST, "digest": subject.as_str(), "size": 1 },
        "layers": [descriptor(BUNDLE, bundle)],
    });
    let manifest = manifest.to_string().into_bytes();
    registry.push_manifest("acme/web", None, &manifest, &[bundle]);
    manifest
}

/// An index of referrers under the tag for registries without the API.
fn index(registry: &Registry, manifests: &[&[u8]]) {
    let entries = manifests.iter().map(|manifest| {
        let mut entry = descriptor(MANIFEST, manifest);
        entry["artifactType"] = BUNDLE.into();
        entry
    });
    let kind = "application/vnd.oci.image.index.v1+json";
    let entries: Vec<_> = entries.collect();
    let index = json!({ "schemaVersion": 2, "mediaType": kind, "manifests": entries });
    let tag = image().referrers_tag();
    let index = index.to_string();
    registry.push_manifest("acme/web", Some(&tag), index.as_bytes(), &[]);
}

#[tokio::test]
async fn payload_under_the_signature_tag_is_verified() {
    let registry = registry().await;
    let none = format!("the registry has no signature of {}", image());
    assert_eq!(verified(&registry, P256).await, none);
    attach(
        &registry,
        &[
            (fixture!("payload-text.json"), fixture!("payload-text.p256")),
            (
                fixture!("payload-plain.json"),
                fixture!("payload-plain.p256"),
            ),
        ],
    );
    registry.clear_requests();
    assert_eq!(verified(&registry, P256).await, "valid");
    let paths: Vec<_> = registry
        .requests()
        .into_iter()
        .map(|(_, path, _)| path)
        .collect();
    assert_eq!(paths.len(), 4, "{paths:?}");
    let forged = "matches no key of the trigger: it was made with another key, or changed";
    let expected = format!("no signature of {} is valid: signature 1 {forged}", image());
    assert_eq!(verified(&registry, ED25519).await, expected);
}

#[tokio::test]
async fn bundle_is_found_by_the_referrers_api_and_by_its_tag() {
    for has_api in [true, false] {
        let registry = registry().await;
        let other = ManifestDigest::of(b"another image");
        let manifests = [
            refer(&registry, &image(), fixture!("bundle-attestation.json")),
            refer(&registry, &image(), fixture!("bundle-p256.json")),
            refer(&registry, &other, fixture!("bundle-ed25519.json")),
        ];
        match has_api {
            true => registry.serve_referrers(),
            false => index(&registry, &manifests.each_ref().map(Vec::as_slice)),
        }
        assert_eq!(verified(&registry, P256).await, "valid", "{has_api}");
        let why = verified(&registry, ED25519).await;
        assert!(
            why.contains("was made with a key that the trigger does not have"),
            "{why}"
        );
        let is_foreign = why.contains(&format!("is of another image, {other}"));
        assert_eq!(is_foreign, !has_api, "{why}");
    }
}

/// A bundle that differs from all others, whose key is not the trigger's.
fn refer_unknown(registry: &Registry, number: usize) {
    let bundle = fixture!("bundle-ed25519.json");
    let spaces = " ".repeat(number);
    refer(registry, &image(), &[bundle, spaces.as_bytes()].concat());
}

#[tokio::test]
async fn bundle_on_a_later_page_of_referrers_is_found() {
    let registry = registry().await;
    registry.serve_referrers();
    registry.set_page_size(1);
    refer(&registry, &image(), fixture!("bundle-p256.json"));
    for number in 0..9 {
        refer_unknown(&registry, number);
    }
    registry.clear_requests();
    assert_eq!(verified(&registry, P256).await, "valid");
    let pages = |registry: &Registry| {
        let requests = registry.requests().into_iter();
        requests
            .filter(|(_, path, _)| path.contains("/referrers/"))
            .count()
    };
    assert!(pages(&registry) > 1, "{:?}", registry.requests());
    refer_unknown(&registry, 9);
    registry.clear_requests();
    let why = verified(&registry, ED25519).await;
    assert_eq!(why, "valid", "the first page has a bundle of this key");
    assert_eq!(pages(&registry), 1);
}

#[tokio::test]
async fn list_of_referrers_that_does_not_end_is_an_error() {
    let registry = registry().await;
    registry.serve_referrers();
    registry.set_page_size(1);
    for number in 0..11 {
        refer_unknown(&registry, number);
    }
    let why = verified(&registry, P256).await;
    assert!(
        why.starts_with("error: ") && why.contains("has more than 10 pages, which is the limit"),
        "{why}"
    );
    for (link, problem) in [
        ("<?n=1>; rel=", "leads to no next page"),
        ("</v2/>; rel=next", "leads to no next page"),
    ] {
        let kind = FaultKind::LinkHeader(link.to_owned());
        registry.fault(Fault::new("/referrers/", 1, kind));
        let why = verified(&registry, P256).await;
        assert!(why.contains(problem), "{link}: {why}");
    }
    let looping = Fault::new("/referrers/", usize::MAX, FaultKind::LoopingLink);
    registry.fault(looping);
    registry.clear_requests();
    let why = verified(&registry, P256).await;
    assert!(why.contains("has more than 10 pages"), "{why}");
}

#[tokio::test]
async fn bundles_on_all_pages_count_towards_the_limit() {
    let registry = registry().await;
    registry.serve_referrers();
    registry.set_page_size(9);
    for number in 0..18 {
        refer_unknown(&registry, number);
    }
    let why = verified(&registry, P256).await;
    assert!(
        why.contains("is one of more than 16 signatures, which is the limit"),
        "{why}"
    );
}

#[tokio::test]
async fn bundle_over_the_manifest_is_verified_with_its_bytes() {
    let registry = registry().await;
    registry.serve_referrers();
    refer(&registry, &image(), fixture!("bundle-message-ed25519.json"));
    assert_eq!(verified(&registry, ED25519).await, "valid");
}

#[tokio::test]
async fn signature_of_another_image_is_refused() {
    let registry = registry().await;
    let other = br#"{"schemaVersion":2,"layers":[]}"#;
    registry.push_manifest("acme/web", Some("1.0"), other, &[]);
    let payload: &[u8] = fixture!("payload-plain.json");
    let signature = String::from_utf8_lossy(fixture!("payload-plain.p256"));
    let kind = "application/vnd.dev.cosign.simplesigning.v1+json";
    let mut layer = descriptor(kind, payload);
    layer["annotations"] = json!({ "dev.cosignproject.cosign/signature": signature });
    let manifest = json!({ "layers": [layer] }).to_string();
    let tag = ManifestDigest::of(other).signature_tag();
    registry.push_manifest("acme/web", Some(&tag), manifest.as_bytes(), &[payload]);
    let why = verified(&registry, P256).await;
    assert!(
        why.ends_with(&format!("signature 1 is of another image, {}", image())),
        "{why}"
    );
}

#[tokio::test]
async fn oversized_payload_is_not_requested() {
    let registry = registry().await;
    let payload = vec![b' '; MAX_PAYLOAD_BYTES + 1];
    attach(&registry, &[(&payload, b"c2ln")]);
    registry.clear_requests();
    let why = verified(&registry, P256).await;
    assert!(
        why.contains("signature 1 has 65537 bytes, more than the limit of 65536"),
        "{why}"
    );
    let mut requests = registry.requests().into_iter();
    assert!(!requests.any(|(_, path, _)| path.contains("/blobs/")));
}

#[tokio::test]
async fn failing_registry_is_an_error_and_no_missing_signature() {
    let registry = registry().await;
    attach(&registry, &[]);
    let status = FaultKind::Status(503, Vec::new(), String::new());
    registry.fault(Fault::new("/manifests/sha256-", usize::MAX, status));
    let outcome = verified(&registry, P256).await;
    assert!(outcome.starts_with("error: "), "{outcome}");
}
