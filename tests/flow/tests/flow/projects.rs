//! Projects, channels and processes of every kind, and adopted triggers.

use domain::ids::{SpaceId, TriggerId};
use domain::trigger::MARK;
use flow::{SHOP, World};
use octopus::{DisabledTrigger, FixedKey, OctopusClient};
use octopus_server::{Seed, seed};

const RELEASE: [&str; 1] = ["0.0.2: web 1.1.0, cart 1.0.0, chart 1.0.0"];

const NONE: [&str; 0] = [];

fn shop(seed: &mut Seed) -> &mut seed::Project {
    &mut seed.spaces[0].projects[0]
}

#[tokio::test]
async fn a_trigger_runs_here_from_its_adoption_to_its_return() {
    let mut world = World::with(|seed| {
        let trigger = &mut shop(seed).triggers[0];
        "New images.".clone_into(&mut trigger.description);
        trigger.is_disabled = false;
    })
    .await;
    let key = FixedKey::new(world.octopus.api_key());
    let client = OctopusClient::connect(&world.octopus.url(), key).unwrap();
    let (space, trigger) = (SpaceId::new("Spaces-1"), TriggerId::new(SHOP));
    world.push("acme/web", "1.1.0");
    world.minutes(7).await;
    assert_eq!(world.releases("Shop"), NONE, "Octopus runs it");

    let adopted = client.adopt_trigger(&space, &trigger, DisabledTrigger::Refuse);
    assert!(adopted.await.unwrap().is_change());
    let state = world.octopus.state();
    let marked = (format!("New images. {MARK}"), true);
    assert_eq!(state.trigger(SHOP).unwrap(), marked);
    world.minutes(7).await;
    assert_eq!(world.releases("Shop"), RELEASE);

    let returned = client.return_trigger(&space, &trigger);
    assert!(returned.await.unwrap().is_change());
    let own = ("New images.".to_owned(), false);
    assert_eq!(state.trigger(SHOP).unwrap(), own);
    world.push("acme/web", "1.2.0");
    world.minutes(70).await;
    assert_eq!(world.releases("Shop"), RELEASE, "Octopus runs it again");
}

#[tokio::test]
async fn a_channel_of_pre_releases_gets_them_and_no_others() {
    let mut world = World::with(|seed| {
        let rule = &mut shop(seed).channels[0].rules[0];
        rule.range = None;
        rule.pre_release_tag = Some("^rc".to_owned());
    })
    .await;
    for tag in ["1.1.0", "1.2.0-beta.1", "latest"] {
        world.push("acme/web", tag);
    }
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Shop"), NONE);
    world.push("acme/web", "1.2.0-rc.1");
    world.until_quiet().await.unwrap();
    assert_eq!(
        world.releases("Shop"),
        ["0.0.2: web 1.2.0-rc.1, cart 1.0.0, chart 1.0.0"]
    );
    world.assert_settled().await;
}

#[tokio::test]
async fn a_disabled_step_neither_releases_nor_is_released() {
    let mut world = World::with(|seed| {
        let shop = shop(seed);
        shop.steps[0].actions[1].disabled = true;
        shop.triggers[0].packages.remove(1);
    })
    .await;
    world.push("acme/cart", "1.1.0");
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Shop"), NONE);
    world.push("acme/web", "1.1.0");
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Shop"), ["0.0.2: web 1.1.0, chart 1.0.0"]);
    world.assert_settled().await;
}

#[tokio::test]
async fn packages_and_feeds_may_be_given_by_variables() {
    let mut world = World::with(|seed| {
        let shop = shop(seed);
        for (name, value) in [("Team", "acme"), ("Web", "#{Team}/web"), ("From", "Images")] {
            shop.variables.push(seed::Variable {
                name: name.to_owned(),
                value: value.to_owned(),
                scoped: false,
            });
        }
        let package = &mut shop.steps[0].actions[0].packages[0];
        "#{Web}".clone_into(&mut package.package_id);
        package.feed = Some("#{From}".to_owned());
    })
    .await;
    world.push("acme/web", "1.1.0");
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Shop"), RELEASE);
    world.assert_settled().await;
}

#[tokio::test]
async fn a_package_by_a_variable_without_a_value_is_named() {
    let mut world = World::with(|seed| {
        let shop = shop(seed);
        shop.variables.push(seed::Variable {
            name: "Web".to_owned(),
            value: "acme/web".to_owned(),
            scoped: true,
        });
        "#{Web}".clone_into(&mut shop.steps[0].actions[0].packages[0].package_id);
    })
    .await;
    world.push("acme/web", "1.1.0");
    world.push("acme/cart", "1.1.0");
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Shop"), NONE);
    let history = world.history(SHOP).await.remove(0);
    assert!(
        history.contains("`#{Web}` depends on variables that have no value before a deployment"),
        "{history}"
    );
}

/// As the files in a repository do.
#[tokio::test]
async fn a_process_in_git_may_name_channels_and_feeds_by_slug() {
    let mut world = World::with(|seed| {
        let shop = shop(seed);
        shop.persistence = seed::Persistence::Git(seed::Git {
            by_slug: true,
            ..seed::Git::default()
        });
        shop.channels[0].is_default = true;
        shop.channels.push(seed::Channel {
            name: "Next".to_owned(),
            ..seed::Channel::default()
        });
        let actions = &mut shop.steps[0].actions;
        actions[0].channels = vec!["Stable".to_owned(), "Next".to_owned()];
        actions[1].channels = vec!["Next".to_owned()];
        shop.triggers[0].packages.remove(1);
    })
    .await;
    world.push("acme/cart", "1.1.0");
    world.push("acme/web", "1.1.0");
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Shop"), ["0.0.2: web 1.1.0, chart 1.0.0"]);
    world.assert_settled().await;
}
