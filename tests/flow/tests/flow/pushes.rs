//! Pushes and their releases.

use flow::{SHOP, World};
use octopus_server::seed;

/// Checks the releases of Shop and the recorded reason after `change`.
async fn check(change: impl FnOnce(&World), releases: &[&str], history: &str) {
    let mut world = World::start().await;
    change(&world);
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Shop"), releases);
    assert_eq!(world.history(SHOP).await[0], history);
    world.assert_settled().await;
}

const NOTHING_NEWER: &str = "Skipped: no source is newer than in the previous release 0.0.1";

#[tokio::test]
async fn newer_image_makes_a_release() {
    check(
        |world| world.push("acme/web", "1.1.0"),
        &["0.0.2: web 1.1.0, cart 1.0.0, chart 1.0.0"],
        "Created: acme/web 1.1.0 is newer than 1.0.0 in the previous release",
    )
    .await;
}

#[tokio::test]
async fn newer_chart_makes_a_release() {
    check(
        |world| world.charts.publish("shop", "1.0.1"),
        &["0.0.2: web 1.0.0, cart 1.0.0, chart 1.0.1"],
        "Created: shop 1.0.1 is newer than 1.0.0 in the previous release",
    )
    .await;
}

#[tokio::test]
async fn older_image_makes_no_release() {
    check(|world| world.push("acme/web", "0.9.9"), &[], NOTHING_NEWER).await;
}

#[tokio::test]
async fn tag_without_a_number_makes_no_release() {
    check(|world| world.push("acme/web", "latest"), &[], NOTHING_NEWER).await;
}

#[tokio::test]
async fn same_tag_with_other_content_makes_no_release() {
    let mut world = World::start().await;
    let before = world.history(SHOP).await.len();
    world.push("acme/web", "1.0.0");
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Shop"), Vec::<String>::new());
    assert_eq!(world.history(SHOP).await.len(), before);
}

#[tokio::test]
async fn version_outside_the_channel_rule_makes_no_release() {
    let mut world = World::start().await;
    world.push("acme/web", "2.0.0");
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Shop"), Vec::<String>::new());
    let newest = world.evaluations(SHOP).await.remove(0);
    assert_eq!(newest.cause.to_string(), "acme/web changed in Images");
    let candidates = &newest.findings[0].candidates;
    assert_eq!(candidates[0].version, "2.0.0");
    assert_eq!(
        candidates[0]
            .refused
            .as_ref()
            .map(|one| one.message.as_str()),
        Some("refused by version range [1.0,2.0)")
    );
}

#[tokio::test]
async fn wider_rule_releases_the_version_within_the_hour() {
    let mut world = World::start().await;
    world.push("acme/web", "2.0.0");
    world.until_quiet().await.unwrap();
    world
        .octopus
        .state()
        .set_rules("Shop", "Stable", Vec::new())
        .unwrap();
    world.minutes(60).await;
    assert_eq!(
        world.releases("Shop"),
        ["0.0.2: web 2.0.0, cart 1.0.0, chart 1.0.0"]
    );
}

#[tokio::test]
async fn packages_pushed_together_make_one_release() {
    check(
        |world| {
            world.push("acme/web", "1.1.0");
            world.push("acme/web", "1.2.0");
            world.push("acme/cart", "3.0.0");
            world.charts.publish("shop", "1.1.0");
        },
        &["0.0.2: web 1.2.0, cart 3.0.0, chart 1.1.0"],
        "Created: acme/web 1.2.0 is newer than 1.0.0 in the previous release",
    )
    .await;
}

#[tokio::test]
async fn release_made_by_a_user_is_the_previous_one() {
    let mut world = World::start().await;
    let package = |name: &str, version: &str| seed::ReleasePackage {
        action: format!("Deploy {name}"),
        package: name.to_owned(),
        version: version.to_owned(),
    };
    let release = seed::Release {
        version: "0.5.0".to_owned(),
        packages: vec![
            package("web", "1.1.0"),
            package("cart", "1.0.0"),
            package("chart", "1.0.0"),
        ],
        ..seed::Release::default()
    };
    world.octopus.state().add_release("Shop", release).unwrap();
    world.push("acme/web", "1.1.0");
    world.until_quiet().await.unwrap();
    assert_eq!(
        world.history(SHOP).await[0],
        "Skipped: no source is newer than in the previous release 0.5.0"
    );
    world.push("acme/web", "1.2.0");
    world.until_quiet().await.unwrap();
    assert_eq!(
        world.releases("Shop"),
        [
            "0.5.1: web 1.2.0, cart 1.0.0, chart 1.0.0",
            "0.5.0: web 1.1.0, cart 1.0.0, chart 1.0.0",
        ]
    );
}
