//! The known faults of Octopus's own triggers do not occur here. Each test names the issue of `OctopusDeploy/Issues`.

use flow::{SHOP, World};
use octopus_server::{Body, Fault, FaultKind, Seed, seed};

const NONE: [&str; 0] = [];

/// A project from YAML, at the place of a list's item.
fn project(yaml: &str) -> seed::Project {
    let yaml = format!("spaces:\n  - name: Default\n    projects:\n{yaml}");
    Seed::from_yaml(&yaml).unwrap().spaces[0].projects.remove(0)
}

/// The world with this project in place of Shop.
async fn world_of(project: seed::Project) -> World {
    World::with(|seed| seed.spaces[0].projects[0] = project).await
}

/// Three channels; one step runs in all, each other step in one, and the last has no package to run with.
fn scoped() -> seed::Project {
    project(
        r##"
      - name: Shop
        channels: [{ name: Stable, is_default: true }, { name: Next }, { name: Broken }]
        steps:
          - name: Deploy
            actions:
              - { name: Deploy web, packages: [{ name: web, package_id: acme/web, feed: Images }] }
              - { name: Try cart, channels: [Next], packages: [{ name: cart, package_id: acme/cart, feed: Images }] }
              - { name: Try more, channels: [Broken], packages: [{ name: more, package_id: acme/missing, feed: Images }] }
        triggers:
          - id: ProjectTriggers-1
            name: New shop
            description: "#feed-triggers"
            is_disabled: true
            channel: Stable
            packages: [{ action_slug: deploy-web, package_reference: web }]
        releases:
          - { version: 0.0.1, packages: [{ action: Deploy web, package: web, version: 1.0.0 }] }
"##,
    )
}

/// 6810: a trigger looks at steps that do not run in its channel.
#[tokio::test]
async fn steps_that_are_limited_to_other_channels_are_not_considered() {
    let mut world = world_of(scoped()).await;
    world.push("acme/cart", "1.1.0");
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Shop"), NONE);

    world.push("acme/web", "1.1.0");
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Shop"), ["0.0.2: web 1.1.0"]);
    world.assert_settled().await;
}

/// 6810, from the other side: a trigger that selects such a step has a problem.
#[tokio::test]
async fn a_source_in_a_step_of_another_channel_is_named() {
    let mut shop = scoped();
    let source = &mut shop.triggers[0].packages[0];
    "try-cart".clone_into(&mut source.action_slug);
    "cart".clone_into(&mut source.package_reference);
    let mut world = world_of(shop).await;
    world.push("acme/cart", "1.1.0");
    world.push("acme/web", "1.1.0");
    world.minutes(70).await;
    assert_eq!(world.releases("Shop"), NONE);
    let history = world.history(SHOP).await.remove(0);
    assert!(
        history.contains("the action `Try cart` does not run in this channel"),
        "{history}"
    );
}

/// 10124: steps of process templates are not checked against the trigger's channel, so that a release fails for a missing
/// package of another channel.
#[tokio::test]
async fn steps_of_process_templates_are_checked_against_the_channel() {
    for persistence in [
        seed::Persistence::Database,
        seed::Persistence::Git(seed::Git::default()),
    ] {
        let mut shop = scoped();
        shop.persistence = persistence;
        shop.steps[0].from_template = true;
        "deploy-deploy-web".clone_into(&mut shop.triggers[0].packages[0].action_slug);
        let mut world = world_of(shop).await;
        world.push("acme/cart", "1.1.0");
        world.push("acme/web", "1.1.0");
        world.until_quiet().await.unwrap();
        assert_eq!(world.releases("Shop"), ["0.0.2: web 1.1.0"]);
        world.assert_settled().await;
    }
}

/// 10124, where the server does not return the content of a process template: nothing is guessed.
#[tokio::test]
async fn steps_of_process_templates_that_cannot_be_seen_are_named() {
    let mut world = World::before_the_first_run(|seed| {
        let mut shop = scoped();
        shop.steps[0].from_template = true;
        seed.spaces[0].projects[0] = shop;
    })
    .await;
    let missing = FaultKind::Status(404, Body::Json);
    world
        .octopus
        .faults()
        .push(Fault::always("/resolved", missing));
    world.push("acme/web", "1.1.0");
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Shop"), NONE);
    let history = world.history(SHOP).await.remove(0);
    assert!(
        history.contains("project Shop: it uses process templates"),
        "{history}"
    );
}

/// 7304 and 8736: releases are made against the rules of their channel.
#[tokio::test]
async fn channel_rules_apply_to_every_package() {
    let mut world = World::with(|seed| {
        let shop = &mut seed.spaces[0].projects[0];
        shop.triggers[0].packages.truncate(1);
        let cart = seed::RulePackage {
            action: "Deploy cart".to_owned(),
            package: "cart".to_owned(),
        };
        shop.channels[0].rules.push(seed::Rule {
            packages: vec![cart],
            pre_release_tag: Some("^$".to_owned()),
            ..seed::Rule::default()
        });
    })
    .await;
    // To the watched package and to the others.
    world.push("acme/web", "2.0.0");
    world.push("acme/cart", "1.1.0-beta");
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Shop"), NONE);
    let history = world.history(SHOP).await.remove(0);
    assert_eq!(
        history,
        "Skipped: no source is newer than in the previous release 0.0.1"
    );

    world.push("acme/web", "1.1.0");
    world.until_quiet().await.unwrap();
    assert_eq!(
        world.releases("Shop"),
        ["0.0.2: web 1.1.0, cart 1.0.0, chart 1.0.0"]
    );
    let release = world.octopus.state().releases("Shop").unwrap().remove(0);
    assert!(!release.ignored_channel_rules);
    world.assert_settled().await;
}

/// 8736, for a rule that is set while a version waits for it.
#[tokio::test]
async fn new_rule_applies_to_a_waiting_version() {
    let mut world = World::start().await;
    let rule = |range: &str| seed::Rule {
        range: Some(range.to_owned()),
        packages: vec![seed::RulePackage {
            action: "Deploy web".to_owned(),
            package: "web".to_owned(),
        }],
        ..seed::Rule::default()
    };
    let state = world.octopus.state();
    state
        .set_rules("Shop", "Stable", vec![rule("[1.0,1.1)")])
        .unwrap();
    world.push("acme/web", "1.1.0");
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Shop"), NONE);
    state
        .set_rules("Shop", "Stable", vec![rule("[1.0,1.2)")])
        .unwrap();
    world.minutes(61).await;
    assert_eq!(
        world.releases("Shop"),
        ["0.0.2: web 1.1.0, cart 1.0.0, chart 1.0.0"]
    );
}
