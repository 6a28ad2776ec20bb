//! Charts in OCI registries whose versions contain `+`, on a server that names them by their tags, which have `_`.

use flow::{SITE, World};
use octopus_server::StrictModes;

/// The feed Mirror is an OCI registry of charts.
async fn charts_by_tag() -> World {
    let world = World::with(|seed| seed.spaces[0].feeds[1].kind = "OciRegistry".to_owned()).await;
    world.octopus.state().set_strict(StrictModes {
        chart_tags: true,
        ..StrictModes::default()
    });
    world.octopus.state().clear_requests();
    world
}

/// The requests that would have created a release.
fn attempts(world: &World) -> usize {
    world.octopus.state().count("POST", "/releases")
}

#[tokio::test]
async fn refused_version_is_tried_once_as_published_and_remembered() {
    let mut world = charts_by_tag().await;
    world.mirror.push("acme/site", "1.1.0_build.1", "first");
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Site"), ["0.0.2: - 1.1.0_build.1"]);
    assert_eq!(attempts(&world), 2);

    world.octopus.state().clear_requests();
    world.mirror.push("acme/site", "1.2.0_build.7", "second");
    world.until_quiet().await.unwrap();
    assert_eq!(
        world.releases("Site"),
        ["0.0.3: - 1.2.0_build.7", "0.0.2: - 1.1.0_build.1"]
    );
    assert_eq!(attempts(&world), 1);
}

#[tokio::test]
async fn release_that_names_the_tag_counts_as_the_version() {
    let mut world = charts_by_tag().await;
    world.mirror.push("acme/site", "1.1.0_build.2", "first");
    world.until_quiet().await.unwrap();
    let released = ["0.0.2: - 1.1.0_build.2"];
    assert_eq!(world.releases("Site"), released);
    world.octopus.state().clear_requests();

    // Neither the same version again, nor a lower one, also after it vanished from the registry.
    world.mirror.push("acme/site", "1.1.0_build.1", "older");
    world.minutes(61).await;
    world.mirror.delete_tag("acme/site", "1.1.0_build.2");
    world.minutes(61).await;
    assert_eq!(world.releases("Site"), released);
    assert_eq!(attempts(&world), 0);
    let newest = world.evaluations(SITE).await.remove(0);
    assert_eq!(
        newest.findings[0].previous.as_deref(),
        Some("1.1.0+build.2")
    );
}
