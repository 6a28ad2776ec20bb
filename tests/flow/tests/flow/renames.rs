//! Steps and package references that a user renames in Octopus, and images that are replaced by others.

use flow::{SHOP, World};
use octopus_server::seed;
use serde_json::json;

/// A world whose channel has the release 0.0.2 with web 1.5.0.
async fn released() -> World {
    let mut world = World::start().await;
    world.push("acme/web", "1.5.0");
    world.until_quiet().await.unwrap();
    assert_eq!(
        world.releases("Shop"),
        ["0.0.2: web 1.5.0, cart 1.0.0, chart 1.0.0"]
    );
    world
}

/// Lets the watch list and every trigger be read again.
async fn settle(world: &mut World) {
    world.minutes(70).await;
    world.assert_settled().await;
}

#[tokio::test]
async fn renamed_steps_make_no_release() {
    let mut world = released().await;
    let state = world.octopus.state();
    // Two steps exchange their names.
    for (action, name) in [
        ("Deploy cart", "Deploy basket"),
        ("Deploy web", "Deploy cart"),
        ("Deploy basket", "Deploy web"),
        ("Deploy chart", "Install chart"),
    ] {
        state.rename_action("Shop", action, name).unwrap();
    }
    settle(&mut world).await;
    assert_eq!(
        world.releases("Shop").len(),
        1,
        "{:?}",
        world.history(SHOP).await
    );
    assert_eq!(
        world.history(SHOP).await[0],
        "Skipped: no source is newer than in the previous release 0.0.2"
    );

    world.push("acme/web", "1.6.0");
    settle(&mut world).await;
    assert_eq!(
        world.releases("Shop")[..1],
        ["0.0.3: web 1.6.0, cart 1.0.0, chart 1.0.0"]
    );
    assert_eq!(world.releases("Shop").len(), 2);
}

#[tokio::test]
async fn vanished_tag_of_a_renamed_step_does_not_take_the_channel_back() {
    let mut world = released().await;
    let state = world.octopus.state();
    state
        .rename_action("Shop", "Deploy web", "Deploy site")
        .unwrap();
    world.images.delete_tag("acme/web", "1.5.0");
    settle(&mut world).await;
    assert_eq!(
        world.history(SHOP).await[0],
        "Skipped: no source is newer than in the previous release 0.0.2"
    );
    world.push("acme/cart", "1.1.0");
    settle(&mut world).await;
    let history = world.history(SHOP).await.remove(0);
    assert!(
        history.starts_with("Refused: acme/web would go back from 1.5.0 to 1.0.0"),
        "{history}"
    );
    assert_eq!(world.releases("Shop").len(), 1);
}

#[tokio::test]
async fn renamed_package_reference_makes_no_release() {
    let mut world = released().await;
    let state = world.octopus.state();
    state
        .rename_reference("Shop", "Deploy web", "web", "image")
        .unwrap();
    settle(&mut world).await;
    let history = world.history(SHOP).await.remove(0);
    assert!(
        history.starts_with("Waiting: ") && history.contains("has no package reference `web`"),
        "{history}"
    );
    world
        .edit_trigger(SHOP, |trigger| {
            trigger["Filter"]["Packages"][0]["PackageReference"] = json!("image");
        })
        .await;
    settle(&mut world).await;
    assert_eq!(
        world.releases("Shop").len(),
        1,
        "{:?}",
        world.history(SHOP).await
    );

    world.push("acme/web", "1.6.0");
    settle(&mut world).await;
    assert_eq!(
        world.releases("Shop")[..1],
        ["0.0.3: image 1.6.0, cart 1.0.0, chart 1.0.0"]
    );
}

#[tokio::test]
async fn release_without_a_known_process_is_not_compared_by_guess() {
    let mut world = released().await;
    let state = world.octopus.state();
    state
        .rename_action("Shop", "Deploy web", "Deploy site")
        .unwrap();
    state.forget_snapshots("Shop").unwrap();
    world.restart();
    settle(&mut world).await;
    let history = world.history(SHOP).await.remove(0);
    assert!(
        history.starts_with("Refused: cannot compare acme/web with the previous release 0.0.2: its package Deploy web:web"),
        "{history}"
    );
    assert_eq!(world.releases("Shop").len(), 1);

    // A release in Octopus has the current names.
    let package = |action: &str, package: &str, version: &str| seed::ReleasePackage {
        action: action.to_owned(),
        package: package.to_owned(),
        version: version.to_owned(),
    };
    let by_hand = seed::Release {
        version: "0.0.3".to_owned(),
        packages: vec![
            package("Deploy site", "web", "1.5.0"),
            package("Deploy cart", "cart", "1.0.0"),
            package("Deploy chart", "chart", "1.0.0"),
        ],
        ..seed::Release::default()
    };
    world.octopus.state().add_release("Shop", by_hand).unwrap();
    world.push("acme/web", "1.6.0");
    settle(&mut world).await;
    assert_eq!(
        world.releases("Shop")[..1],
        ["0.0.4: web 1.6.0, cart 1.0.0, chart 1.0.0"]
    );
}

#[tokio::test]
async fn versions_of_a_replaced_image_are_not_compared() {
    let mut world = released().await;
    world.images.push("acme/site", "1.1.0", "site");
    let state = world.octopus.state();
    state
        .set_package("Shop", "Deploy web", "web", "acme/site")
        .unwrap();
    settle(&mut world).await;
    assert_eq!(
        world.releases("Shop")[..1],
        ["0.0.3: web 1.1.0, cart 1.0.0, chart 1.0.0"],
        "{:?}",
        world.history(SHOP).await
    );
    let history = world.history(SHOP).await;
    let reason = "Created: acme/site replaces acme/web in the process since the previous release; their versions are not \
                  compared, and 1.1.0 is the latest version of acme/site";
    assert_eq!(
        history.iter().filter(|one| *one == reason).count(),
        1,
        "{history:?}"
    );

    // The first image returns, with the version that the channel had before.
    let state = world.octopus.state();
    state
        .set_package("Shop", "Deploy web", "web", "acme/web")
        .unwrap();
    settle(&mut world).await;
    assert_eq!(
        world.releases("Shop")[..1],
        ["0.0.4: web 1.5.0, cart 1.0.0, chart 1.0.0"]
    );
    assert_eq!(world.releases("Shop").len(), 3);
}

#[tokio::test]
async fn manual_roll_back_stays_after_a_rename() {
    let mut world = released().await;
    let package = |action: &str, package: &str| seed::ReleasePackage {
        action: action.to_owned(),
        package: package.to_owned(),
        version: "1.0.0".to_owned(),
    };
    let roll_back = || seed::Release {
        version: "0.0.3".to_owned(),
        packages: vec![
            package("Deploy web", "web"),
            package("Deploy cart", "cart"),
            package("Deploy chart", "chart"),
        ],
        ..seed::Release::default()
    };
    world
        .octopus
        .state()
        .add_release("Shop", roll_back())
        .unwrap();
    let state = world.octopus.state();
    state
        .rename_action("Shop", "Deploy web", "Deploy site")
        .unwrap();
    settle(&mut world).await;
    let stays = "AlreadyReleased: the same packages were released as 0.0.2 already; the newer release 0.0.3 was created by \
                 hand and stays until there is a newer version";
    assert_eq!(world.history(SHOP).await[0], stays);

    // Also where the process of the release by hand is another one than that of the earlier release.
    let again = seed::Release {
        version: "0.0.4".to_owned(),
        packages: vec![
            package("Deploy site", "web"),
            package("Deploy cart", "cart"),
            package("Deploy chart", "chart"),
        ],
        ..seed::Release::default()
    };
    world.octopus.state().add_release("Shop", again).unwrap();
    let state = world.octopus.state();
    state
        .rename_action("Shop", "Deploy site", "Deploy page")
        .unwrap();
    settle(&mut world).await;
    assert_eq!(
        world.history(SHOP).await[0],
        stays.replace("0.0.3", "0.0.4")
    );
    assert_eq!(world.releases("Shop").len(), 3);
}
