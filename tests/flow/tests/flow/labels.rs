//! Labels of images, from a push to a release: they are read for the version of a release and for no other.

use std::collections::BTreeSet;

use domain::options::{Options, ReleaseContext, VersionPolicy, When};
use domain::time::Span;
use flow::{FILE, World, definition};
use registry_server::{Fault, FaultKind};
use serde_json::json;

const NONE: [&str; 0] = [];
const REVISION: &str = "org.opencontainers.image.revision";
const SOURCE: (&str, &str) = (
    "org.opencontainers.image.source",
    "https://github.com/acme/shop",
);

async fn with(options: Options) -> World {
    World::with_definition(definition(options, VersionPolicy::default())).await
}

fn numbered() -> Options {
    Options {
        release_version: Some("{{ packages[0].labels.version }}".to_owned()),
        ..Options::default()
    }
}

fn push(world: &World, tag: &str, labels: &[(&str, &str)]) {
    world.images.push_labelled("acme/api", tag, tag, labels);
}

/// The number of requests for manifests and blobs since the last call.
fn reads(world: &World) -> usize {
    let requests = world.images.requests();
    world.images.clear_requests();
    let is_read = |target: &str| target.contains("/manifests/") || target.contains("/blobs/");
    requests
        .iter()
        .filter(|(_, target, _)| is_read(target))
        .count()
}

#[tokio::test]
async fn number_of_a_release_is_a_label_of_its_image() {
    let mut world = with(numbered()).await;
    push(
        &world,
        "1.1.0",
        &[("org.opencontainers.image.version", "7.1.0")],
    );
    push(
        &world,
        "1.2.0",
        &[("org.opencontainers.image.version", "7.2.0")],
    );
    world.until_quiet().await.unwrap();
    assert_eq!(
        world.releases("Api"),
        ["7.2.0: - 1.2.0"],
        "{:?}",
        world.history(FILE).await
    );
    // The manifest and the configuration of one version.
    assert_eq!(reads(&world), 2);
    assert!(
        world
            .history(FILE)
            .await
            .iter()
            .any(|one| one.contains("have not been read"))
    );
    world.assert_settled().await;

    for _ in 0..30 {
        world.minutes(1).await;
    }
    assert_eq!(reads(&world), 0, "an unchanged check reads no labels");
    assert_eq!(world.releases("Api").len(), 1);
}

#[tokio::test]
async fn notes_contain_commit_and_changes() {
    let mut world = with(Options {
        release_context: BTreeSet::from([ReleaseContext::Commits]),
        ..Options::default()
    })
    .await;
    let (old, new) = ("1a2b3c4d", "4f2a9c1e");
    push(&world, "1.1.0", &[(REVISION, old), SOURCE]);
    world.until_quiet().await.unwrap();
    push(&world, "1.2.0", &[(REVISION, new), SOURCE]);
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Api"), ["0.0.3: - 1.2.0", "0.0.2: - 1.1.0"]);
    let notes = world.notes("Api");
    assert!(
        notes[0].contains("/acme/shop/commit/4f2a9c1e"),
        "{}",
        notes[0]
    );
    assert!(
        notes[0].contains("/acme/shop/compare/1a2b3c4d...4f2a9c1e"),
        "{}",
        notes[0]
    );
    // Two requests for each of three versions, with that of the first release: those that were read are stored.
    assert_eq!(reads(&world), 6);
}

#[tokio::test]
async fn notes_contain_the_build_information_of_octopus() {
    let included = Options {
        release_context: BTreeSet::from([ReleaseContext::BuildInformation]),
        ..Options::default()
    };
    let mut world = with(included).await;
    push_build(&world, "1.1.0").await;
    push(&world, "1.1.0", &[]);
    world.until_quiet().await.unwrap();
    let notes = world.notes("Api").remove(0);
    let expected = "Build of acme/api 1.1.0: [118](https://ci.example.com/118), branch main\n\n\
                    Work items:\n- SHOP-12 Cart is empty\n\nCommits:\n- `4f2a9c1e` Fix the cart";
    assert!(notes.contains(expected), "{notes}");
    assert_eq!(build_requests(&world), 1);

    // Without a build, and without permission, the release is created all the same.
    push(&world, "1.2.0", &[]);
    world.until_quiet().await.unwrap();
    assert_eq!(build_requests(&world), 1);
    world
        .octopus
        .state()
        .remove_permission("BuildInformationView");
    push(&world, "1.3.0", &[]);
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Api").len(), 3);
    assert!(!world.notes("Api")[0].contains("Build of"));
    world.assert_settled().await;
}

#[tokio::test]
async fn build_information_is_requested_only_if_it_is_included() {
    let mut world = with(Options::default()).await;
    push_build(&world, "1.1.0").await;
    push(&world, "1.1.0", &[]);
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Api").len(), 1);
    assert_eq!(build_requests(&world), 0);
}

/// Pushes build information to Octopus, as a build server does.
async fn push_build(world: &World, version: &str) {
    let document = json!({
        "PackageId": "acme/api",
        "Version": version,
        "OctopusBuildInformation": {
            "BuildNumber": "118",
            "BuildUrl": "https://ci.example.com/118",
            "Branch": "main",
            "VcsType": "Git",
            "Commits": [{ "Id": "4f2a9c1e", "LinkUrl": null, "Comment": "Fix the cart\n\nDetails" }],
            "WorkItems": [{ "Id": "SHOP-12", "LinkUrl": "", "Description": "Cart is empty" }],
        },
    });
    world.post("build-information", &document).await;
}

/// The requests for build information since the last call.
fn build_requests(world: &World) -> usize {
    let requests = world.octopus.state().requests();
    world.octopus.state().clear_requests();
    let routes = requests.iter().map(octopus_server::Request::route);
    routes
        .filter(|route| route.starts_with("GET") && route.contains("build-information"))
        .count()
}

/// A registry that does not return labels delays no release that can do without them.
#[tokio::test]
async fn notes_without_readable_labels_do_not_delay_the_release() {
    let mut world = with(Options {
        release_context: BTreeSet::from([ReleaseContext::Commits]),
        ..Options::default()
    })
    .await;
    for status in [403, 404, 429, 500] {
        world.images.clear_faults();
        let refused = FaultKind::Status(status, Vec::new(), String::new());
        world
            .images
            .fault(Fault::new("/manifests/", usize::MAX, refused));
        let before = world.releases("Api").len();
        push(&world, &format!("1.{status}.0"), &[(REVISION, "4f2a9c1e")]);
        world.minutes(5).await;
        assert_eq!(
            world.releases("Api").len(),
            before + 1,
            "{status}: {:?}",
            world.history(FILE).await
        );
    }
}

#[tokio::test]
async fn release_that_needs_labels_waits_until_they_can_be_read() {
    let mut world = with(numbered()).await;
    let refused = FaultKind::Status(403, Vec::new(), String::new());
    world
        .images
        .fault(Fault::new("/manifests/", usize::MAX, refused));
    push(
        &world,
        "1.1.0",
        &[("org.opencontainers.image.version", "7.1.0")],
    );
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Api"), NONE);
    let reason = &world.history(FILE).await[0];
    assert!(
        reason.contains("cannot read the labels of acme/api 1.1.0: "),
        "{reason}"
    );
    assert!(reason.contains("403"), "{reason}");
    let asked = reads(&world);
    world.minutes(30).await;
    assert_eq!(reads(&world), 0, "asked {asked} times before");

    world.images.clear_faults();
    world.clock.advance(Span::from_hours(1));
    world.minutes(5).await;
    assert_eq!(
        world.releases("Api"),
        ["7.1.0: - 1.1.0"],
        "{:?}",
        world.history(FILE).await
    );
}

#[tokio::test]
async fn images_of_one_commit_are_released_together() {
    let mut world = with(Options {
        when: When::SameLabel {
            by: REVISION.to_owned(),
        },
        ..Options::default()
    })
    .await;
    push(&world, "1.1.0", &[(REVISION, "aa")]);
    world.until_quiet().await.unwrap();
    assert_eq!(
        world.releases("Api"),
        ["0.0.2: - 1.1.0"],
        "{:?}",
        world.history(FILE).await
    );
    push(&world, "1.2.0", &[]);
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Api").len(), 1);
    let reason = &world.history(FILE).await[0];
    assert!(
        reason.contains("acme/api 1.2.0 (without the label)"),
        "{reason}"
    );
}
