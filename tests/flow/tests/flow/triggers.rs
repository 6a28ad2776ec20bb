//! Triggers and projects of every kind.

use flow::{SHOP, World};
use octopus_server::seed;

const RELEASE: [&str; 1] = ["0.0.2: web 1.1.0, cart 1.0.0, chart 1.0.0"];

const NONE: [&str; 0] = [];

#[tokio::test]
async fn two_triggers_with_the_same_plan_make_one_release() {
    let mut world = World::with(|seed| {
        let triggers = &mut seed.spaces[0].projects[0].triggers;
        let again = seed::Trigger {
            id: Some("ProjectTriggers-9".to_owned()),
            name: "The same again".to_owned(),
            ..triggers[0].clone()
        };
        triggers.push(again);
    })
    .await;
    world.push("acme/web", "1.1.0");
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Shop"), RELEASE);
    assert_eq!(
        world.history("ProjectTriggers-9").await[0],
        "Skipped: no source is newer than in the previous release 0.0.2"
    );
}

async fn describe(world: &World, description: &str, is_disabled: bool) {
    world
        .edit_trigger(SHOP, |trigger| {
            trigger["Description"] = description.into();
            trigger["IsDisabled"] = is_disabled.into();
        })
        .await;
}

/// Every part of a trigger counts, and its new form applies from the next refresh of the watch list.
#[tokio::test]
async fn trigger_edited_before_the_release_fires_in_its_new_form() {
    let mut world = World::start().await;
    world
        .edit_trigger(SHOP, |trigger| {
            let packages = trigger["Filter"]["Packages"].as_array_mut().unwrap();
            packages.retain(|package| package["DeploymentActionSlug"] != "deploy-web");
            assert!(!packages.is_empty());
        })
        .await;
    world.push("acme/web", "1.1.0");
    world.run().await.unwrap();
    assert_eq!(
        world.history(SHOP).await[0],
        "Skipped: the trigger was disabled or changed in Octopus"
    );
    world.until_quiet().await.unwrap();
    world.minutes(10).await;
    assert_eq!(world.releases("Shop"), [""; 0]);

    world.push("acme/cart", "1.1.0");
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Shop").len(), 1);
    world.assert_settled().await;
}

#[tokio::test]
async fn trigger_returned_before_the_release_does_not_fire() {
    for (description, is_disabled) in [("Off for the holidays.", true), ("#feed-triggers", false)] {
        let mut world = World::start().await;
        describe(&world, description, is_disabled).await;
        world.push("acme/web", "1.1.0");
        world.run().await.unwrap();
        assert_eq!(
            world.history(SHOP).await[0],
            "Skipped: the trigger was disabled or changed in Octopus"
        );
        world.minutes(10).await;
        assert_eq!(world.releases("Shop"), NONE);
    }
}

#[tokio::test]
async fn disabled_trigger_without_a_mark_is_not_run() {
    let mut world = World::with(|seed| {
        seed.spaces[0].projects[0].triggers[0].description.clear();
    })
    .await;
    world.push("acme/web", "1.1.0");
    world.minutes(5).await;
    assert_eq!(world.releases("Shop"), NONE);
    assert_eq!(world.history(SHOP).await, NONE);
}

#[tokio::test]
async fn a_new_trigger_is_run_within_minutes() {
    let mut world = World::start().await;
    describe(&world, "Not yet.", true).await;
    world.minutes(6).await;
    world.push("acme/web", "1.1.0");
    world.minutes(2).await;
    assert_eq!(world.releases("Shop"), NONE);
    describe(&world, "Now. #feed-triggers", true).await;
    world.minutes(7).await;
    assert_eq!(world.releases("Shop"), RELEASE);
}

#[tokio::test]
async fn observe_mode_records_the_release_and_creates_nothing() {
    let mut world = World::start().await;
    world.observe();
    world.push("acme/web", "1.1.0");
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Shop"), NONE);
    assert_eq!(world.octopus.state().count("POST", ""), 0);
    assert_eq!(
        world.history(SHOP).await[0],
        "Observed: would create a release with acme/cart 1.0.0, shop 1.0.0, acme/web 1.1.0: acme/web \
         1.1.0 is newer than 1.0.0 in the previous release"
    );
    assert_eq!(world.plans(), []);
}

#[tokio::test]
async fn a_release_takes_its_number_from_a_package() {
    let mut world = World::with(|seed| {
        seed.spaces[0].projects[0].versioning = seed::Versioning::Donor {
            action: "Deploy web".to_owned(),
            package: "web".to_owned(),
        };
    })
    .await;
    world.push("acme/web", "1.1.0");
    world.until_quiet().await.unwrap();
    let release = "1.1.0: web 1.1.0, cart 1.0.0, chart 1.0.0";
    assert_eq!(world.releases("Shop"), [release]);

    // Its number is taken as long as that package stays.
    world.push("acme/cart", "2.0.0");
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Shop"), [release]);
    let refused = world.history(SHOP).await.remove(0);
    assert!(refused.starts_with("Refused: "), "{refused}");
    assert!(
        refused.contains("number releases by a template"),
        "{refused}"
    );

    world.push("acme/web", "1.2.0");
    world.until_quiet().await.unwrap();
    assert_eq!(
        world.releases("Shop")[0],
        "1.2.0: web 1.2.0, cart 2.0.0, chart 1.0.0"
    );
    world.assert_settled().await;
}

#[tokio::test]
async fn a_process_in_git_is_released_from_its_default_branch() {
    let mut world = World::with(|seed| {
        seed.spaces[0].projects[0].persistence = seed::Persistence::Git(seed::Git {
            default_branch: Some("trunk".to_owned()),
            ..seed::Git::default()
        });
    })
    .await;
    world.push("acme/web", "1.1.0");
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Shop"), RELEASE);
    let release = world.octopus.state().releases("Shop").unwrap().remove(0);
    assert_eq!(release.git.unwrap().git_ref, "refs/heads/trunk");
}

/// Names that the newer way of creating has no words for on this server.
#[tokio::test]
async fn server_without_the_new_endpoint_gets_the_release_by_the_old_one() {
    let mut world = World::with(|seed| {
        seed.version = Some("2024.2.1000".to_owned());
        let project = &mut seed.spaces[0].projects[0];
        "web: the shop".clone_into(&mut project.steps[0].actions[0].name);
        project.steps[0].actions[0].slug = Some("deploy-web".to_owned());
        "web: the shop".clone_into(&mut project.channels[0].rules[0].packages[0].action);
        "web: the shop".clone_into(&mut project.releases[0].packages[0].action);
    })
    .await;
    world.push("acme/web", "1.1.0");
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Shop"), RELEASE);
    assert_eq!(
        world.octopus.state().count("POST", "/releases/create/v1"),
        0
    );
    world.assert_settled().await;
}

#[tokio::test]
async fn feed_with_a_password_in_octopus_is_read_through_octopus() {
    let mut world = World::before_the_first_run(|seed| {
        let feed = &mut seed.spaces[0].feeds[0];
        feed.username = Some("shop".to_owned());
        feed.password = Some("hush".into());
    })
    .await;
    world.images.require_basic("shop", "hush");
    world.until_quiet().await.unwrap();
    world.push("acme/web", "1.1.0");
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Shop"), RELEASE);
    world.assert_settled().await;
}
