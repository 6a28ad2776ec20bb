//! Images for one platform, from a push to a release.

use domain::options::{Options, VersionConditions, VersionPolicy};
use flow::{FILE, World, definition};

const NONE: [&str; 0] = [];

fn arm() -> VersionConditions {
    VersionConditions {
        platform: Some("linux/arm64".to_owned()),
        ..VersionConditions::default()
    }
}

async fn watching(policy: VersionPolicy) -> World {
    World::with_definition(definition(Options::default(), policy)).await
}

fn push(world: &World, tag: &str, images: &[(&str, &str)]) {
    world.images.push_index("acme/api", tag, images);
}

#[tokio::test]
async fn version_waits_for_an_image_of_the_platform() {
    let mut world = watching(VersionPolicy {
        versions: arm(),
        ..VersionPolicy::default()
    })
    .await;
    push(&world, "1.1.0", &[("linux/amd64", "one")]);
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Api"), NONE);
    let found = &world.evaluations(FILE).await[0].findings[0].candidates;
    let shown = format!("{found:?}");
    assert!(shown.contains("no image for linux/arm64"), "{shown}");

    push(
        &world,
        "1.1.0",
        &[("linux/amd64", "one"), ("linux/arm64", "two")],
    );
    world.until_quiet().await.unwrap();
    assert_eq!(
        world.releases("Api"),
        ["0.0.2: - 1.1.0"],
        "{:?}",
        world.history(FILE).await
    );
    world.assert_settled().await;
}

/// Known details of a version's image are not requested again.
#[tokio::test]
async fn unchanged_check_requests_the_list_alone() {
    let mut world = watching(VersionPolicy {
        versions: arm(),
        ..VersionPolicy::default()
    })
    .await;
    for version in ["1.1.0", "1.2.0"] {
        push(&world, version, &[("linux/arm64", version)]);
    }
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Api"), ["0.0.2: - 1.2.0"]);
    world.images.delete_tag("acme/api", "1.0.0"); // It has no image for the platform, and may get one.
    world.until_quiet().await.unwrap();
    world.images.clear_requests();
    world.run().await.unwrap();
    let asked = world.images.requests();
    let asked: Vec<_> = asked.iter().map(|(_, path, _)| path.as_str()).collect();
    let of_manifests = asked.iter().filter(|path| path.contains("/manifests/"));
    assert_eq!(of_manifests.count(), 0, "{asked:?}");
    assert!(!asked.is_empty());
}

#[tokio::test]
async fn a_followed_tag_is_followed_for_the_platform_alone() {
    let mut world = watching(VersionPolicy {
        follow: Some("latest".to_owned()),
        versions: arm(),
        ..VersionPolicy::default()
    })
    .await;
    push(
        &world,
        "latest",
        &[("linux/amd64", "one"), ("linux/arm64", "one")],
    );
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Api"), ["0.0.2: - latest"]);
    push(
        &world,
        "latest",
        &[("linux/amd64", "two"), ("linux/arm64", "one")],
    );
    world.until_quiet().await.unwrap();
    assert_eq!(
        world.releases("Api").len(),
        1,
        "it is of the other platform"
    );
    push(
        &world,
        "latest",
        &[("linux/amd64", "two"), ("linux/arm64", "two")],
    );
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Api").len(), 2);
}
