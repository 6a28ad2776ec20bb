//! `require`, from a push to a release: an unsigned image waits, is refused after the limit, and is released once it is
//! signed.

use domain::options::{Options, Requirements, SignedBy, VersionPolicy};
use domain::time::Span;
use flow::{FILE, World, definition};
use serde_json::json;
use signatures::ManifestDigest;

const NONE: [&str; 0] = [];

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!(
            "../../../../shared/signatures/tests/fixtures/openssl/",
            $name
        ))
    };
}

const IMAGE: &str = fixture!("manifest.json");

async fn with(require: Requirements) -> World {
    let policy = VersionPolicy {
        require,
        ..VersionPolicy::default()
    };
    World::with_definition(definition(Options::default(), policy)).await
}

async fn signed() -> World {
    with(Requirements {
        signed: Some(SignedBy {
            keys: vec![fixture!("p256.pub").to_owned()],
            profile: None,
            within: Some(Span::from_minutes(30)),
        }),
        ..Requirements::default()
    })
    .await
}

fn push(world: &World, tag: &str, manifest: &str) {
    world
        .images
        .push_manifest("acme/api", Some(tag), manifest.as_bytes(), &[]);
}

/// Signs the image, as cosign does.
fn sign(world: &World, signature: &str) {
    let payload = fixture!("payload-plain.json");
    let digest = ManifestDigest::of(payload.as_bytes());
    let manifest = json!({ "layers": [{
        "mediaType": "application/vnd.dev.cosign.simplesigning.v1+json",
        "digest": digest.as_str(),
        "size": payload.len(),
        "annotations": { "dev.cosignproject.cosign/signature": signature },
    }]});
    let tag = ManifestDigest::of(IMAGE.as_bytes()).signature_tag();
    let manifest = manifest.to_string();
    let blobs = [payload.as_bytes()];
    world
        .images
        .push_manifest("acme/api", Some(&tag), manifest.as_bytes(), &blobs);
}

/// The number of requests for manifests and blobs since the last call.
fn reads(world: &World) -> usize {
    let requests = world.images.requests();
    world.images.clear_requests();
    let is_read = |target: &str| !target.contains("/tags/list") && target.contains("/acme/api/");
    let reads = requests.iter().filter(|(_, target, _)| is_read(target));
    reads.count()
}

#[tokio::test]
async fn signed_image_is_released_and_read_once() {
    let mut world = signed().await;
    push(&world, "1.1.0", IMAGE);
    sign(&world, fixture!("payload-plain.p256"));
    reads(&world);
    world.until_quiet().await.unwrap();
    assert_eq!(
        world.releases("Api").len(),
        1,
        "{:?}",
        world.history(FILE).await
    );
    // The image's manifest, the manifest of its signatures, and the payload.
    assert_eq!(reads(&world), 3);
    for _ in 0..30 {
        world.minutes(1).await;
    }
    assert_eq!(reads(&world), 0, "an unchanged check reads no signatures");
    world.assert_settled().await;
}

#[tokio::test]
async fn image_is_released_minutes_after_it_is_signed() {
    let mut world = signed().await;
    push(&world, "1.1.0", IMAGE);
    sign(&world, fixture!("payload-plain.other"));
    for _ in 0..10 {
        world.minutes(1).await;
    }
    assert_eq!(world.releases("Api"), NONE);
    let history = world.history(FILE).await;
    assert!(
        history[0].contains("signature 1 matches no key of the trigger"),
        "{history:?}"
    );
    let waits = |reason: &&String| reason.contains("is not signed yet");
    assert_eq!(history.iter().filter(waits).count(), 1, "{history:?}");
    sign(&world, fixture!("payload-plain.p256"));
    for _ in 0..4 {
        world.minutes(1).await;
    }
    assert_eq!(
        world.releases("Api").len(),
        1,
        "{:?}",
        world.history(FILE).await
    );
}

#[tokio::test]
async fn image_that_is_not_signed_in_time_is_refused_until_it_is_signed() {
    let mut world = signed().await;
    push(&world, "1.1.0", IMAGE);
    for _ in 0..35 {
        world.minutes(1).await;
    }
    let reason = &world.history(FILE).await[0];
    assert!(
        reason.contains("it was first seen more than 30 min ago"),
        "{reason}"
    );
    reads(&world);
    for _ in 0..50 {
        world.minutes(1).await;
    }
    assert_eq!(world.releases("Api"), NONE);
    // With each hourly evaluation: the signature's tag, the referrers and their tag.
    let after_refusal = reads(&world);
    assert!(after_refusal <= 8, "{after_refusal}");
    sign(&world, fixture!("payload-plain.p256"));
    for _ in 0..65 {
        world.minutes(1).await;
    }
    assert_eq!(
        world.releases("Api").len(),
        1,
        "{:?}",
        world.history(FILE).await
    );
}

#[tokio::test]
async fn image_without_a_required_platform_is_refused() {
    let mut world = with(Requirements {
        platforms: ["linux/arm64".to_owned()].into(),
        ..Requirements::default()
    })
    .await;
    let images = [("linux/amd64", "a")];
    world.images.push_index("acme/api", "1.1.0", &images);
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Api"), NONE);
    let reason = &world.history(FILE).await[0];
    let expected = "it has no image for linux/arm64; its platforms are linux/amd64";
    assert!(reason.contains(expected), "{reason}");
    let images = [("linux/amd64", "a"), ("linux/arm64", "b")];
    world.images.push_index("acme/api", "1.2.0", &images);
    world.until_quiet().await.unwrap();
    assert_eq!(
        world.releases("Api").len(),
        1,
        "{:?}",
        world.history(FILE).await
    );
}
