//! Packages of a release that its trigger does not select, and channel rules for packages that the process lacks.

use domain::options::{Options, VersionPolicy};
use engine::ports::WatchLists;
use flow::{API, FILE, SHOP, World, definition};
use octopus_server::seed;
use operator::explain::Explain;

use crate::simulated::client;

/// A rule for the primary package of an action.
fn rule(action: &str, package: &str, range: &str) -> seed::Rule {
    seed::Rule {
        packages: vec![seed::RulePackage {
            action: action.to_owned(),
            package: package.to_owned(),
        }],
        range: Some(range.to_owned()),
        ..seed::Rule::default()
    }
}

/// The project Api also deploys a worker, and its channel permits no version of the worker.
async fn with_worker(options: Options) -> World {
    let mut world = World::with(|seed| {
        let project = &mut seed.spaces[0].projects[2];
        project.triggers.clear();
        project.steps[0].actions.push(seed::Action {
            name: "Deploy worker".to_owned(),
            packages: vec![seed::PackageReference {
                package_id: "acme/cart".to_owned(),
                feed: Some("Images".to_owned()),
                ..seed::PackageReference::default()
            }],
            ..seed::Action::default()
        });
        let channel = seed::Channel {
            name: "Default".to_owned(),
            rules: vec![rule("Deploy worker", "", "[5.0,6.0)")],
            ..seed::Channel::default()
        };
        project.channels = vec![channel];
    })
    .await;
    world
        .apply(vec![definition(options, VersionPolicy::default())])
        .await;
    world.until_quiet().await.unwrap();
    world
}

/// The present decision about a trigger, as `feedctl explain` shows it.
async fn explained(world: &World, id: &str) -> String {
    let store = world.program.store();
    let list = store.watch_list().await.unwrap().unwrap().list;
    let mut triggers = list.triggers.iter();
    let trigger = triggers.find(|one| one.id.as_str() == id).unwrap();
    let explain = Explain {
        store,
        octopus: &client(world),
        clock: &world.clock,
    };
    let explained = explain.now(trigger).await.unwrap();
    explained.decided.decision.to_string()
}

#[tokio::test]
async fn release_without_a_version_of_an_unwatched_package_is_not_promised() {
    let refused = "the release also needs a version of acme/cart (action `Deploy worker`), which the trigger does not \
                   select: the channel's rules permit none of its versions; publish one, or change the rule";
    let mut world = with_worker(Options {
        dry_run: true,
        ..Options::default()
    })
    .await;
    world.push("acme/api", "1.1.0");
    world.until_quiet().await.unwrap();
    assert_eq!(world.history(FILE).await[0], format!("Refused: {refused}"));
    assert_eq!(explained(&world, FILE).await, format!("refuse: {refused}"));

    world.push("acme/cart", "5.1.0");
    world.minutes(61).await;
    let history = world.history(FILE).await.remove(0);
    assert!(history.starts_with("Observed: would create"), "{history}");
    assert_eq!(
        explained(&world, FILE).await,
        "create: acme/api 1.1.0 is newer than 1.0.0 in the previous release"
    );
}

#[tokio::test]
async fn octopus_refuses_a_release_without_a_version_of_an_unwatched_package() {
    let mut world = with_worker(Options::default()).await;
    world.push("acme/api", "1.1.0");
    world.until_quiet().await.unwrap();
    let history = world.history(FILE).await.remove(0);
    assert!(history.starts_with("Failed: "), "{history}");
    assert!(world.releases("Api").is_empty());
}

#[tokio::test]
async fn rule_for_a_missing_action_stops_releases_until_it_is_corrected() {
    let mut world = World::start().await;
    let usual = || rule("Deploy web", "web", "[1.0,2.0)");
    let state = world.octopus.state();
    let rules = vec![rule("Deploy old", "", "[1.0,1.5)"), usual()];
    state.set_rules("Shop", "Stable", rules).unwrap();
    world.push("acme/web", "1.1.0");
    world.push("acme/api", "1.1.0");
    world.run().await.unwrap();
    let problem = "a version rule of the channel names the action `Deploy old`, which the process does not have; \
                   correct the rule in the channel";
    assert_eq!(world.history(SHOP).await[0], format!("Refused: {problem}"));
    assert_eq!(explained(&world, SHOP).await, format!("refuse: {problem}"));
    assert_eq!(
        world.releases("Api").len(),
        1,
        "{:?}",
        world.history(API).await
    );

    world.minutes(70).await;
    assert_eq!(world.history(SHOP).await[0], format!("Waiting: {problem}"));
    let list = world.program.store().watch_list().await.unwrap().unwrap();
    let mut triggers = list.list.triggers.iter();
    let listed = triggers.find(|one| one.id.as_str() == SHOP).unwrap();
    assert_eq!(
        listed.problem.as_ref().map(|one| one.message.as_str()),
        Some(problem)
    );
    assert!(world.releases("Shop").is_empty());

    let state = world.octopus.state();
    state.set_rules("Shop", "Stable", vec![usual()]).unwrap();
    world.minutes(7).await;
    let release = "0.0.2: web 1.1.0, cart 1.0.0, chart 1.0.0";
    assert_eq!(world.releases("Shop"), [release]);
}
