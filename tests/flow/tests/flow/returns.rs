//! Packages that a channel had before: a roll-back, a tag that returns to an earlier image, and a release that
//! a user replaced by hand.

use domain::options::{Options, VersionConditions, VersionPolicy};
use engine::messages::Event;
use engine::ports::WatchLists;
use feeds::OutboundClient;
use flow::{FILE, Moment, World, definition};
use octopus::{FixedKey, OctopusClient};
use octopus_server::seed;
use operator::explain::Explain;

/// A trigger that rolls back where its versions refuse the released one.
fn excluding(exclude: Option<&str>) -> domain::definition::Definition {
    let selection = VersionPolicy {
        versions: VersionConditions {
            exclude: exclude.map(str::to_owned),
            roll_back: true,
            ..VersionConditions::default()
        },
        ..VersionPolicy::default()
    };
    definition(Options::default(), selection)
}

async fn apply_and_settle(world: &mut World, exclude: Option<&str>) {
    world.apply(vec![excluding(exclude)]).await;
    world.until_quiet().await.unwrap();
}

#[tokio::test]
async fn roll_back_and_its_end_are_both_released() {
    let mut world = World::with_definition(excluding(None)).await;
    for version in ["1.1.0", "1.2.0"] {
        world.push("acme/api", version);
        world.until_quiet().await.unwrap();
    }
    apply_and_settle(&mut world, Some("^1\\.2")).await;
    apply_and_settle(&mut world, None).await;
    let expected = [
        "0.0.5: - 1.2.0",
        "0.0.4: - 1.1.0",
        "0.0.3: - 1.2.0",
        "0.0.2: - 1.1.0",
    ];
    assert_eq!(
        world.releases("Api"),
        expected,
        "{:?}",
        world.history(FILE).await
    );

    // Each change is released once, however often it is evaluated.
    for message in world.queue.log() {
        if let Event::PackageVersionsChanged(_) | Event::TriggerEvaluationRequested(_) =
            message.event
        {
            world.program.handle(&message).await.unwrap();
        }
    }
    world.minutes(70).await;
    assert_eq!(world.releases("Api"), expected);
    world.assert_settled().await;
}

#[tokio::test]
async fn tag_that_returns_to_an_earlier_image_is_released() {
    let selection = VersionPolicy {
        follow: Some("latest".to_owned()),
        ..VersionPolicy::default()
    };
    let mut world = World::with_definition(definition(Options::default(), selection)).await;
    for image in ["one", "two", "one", "two"] {
        world.images.push("acme/api", "latest", image);
        world.until_quiet().await.unwrap();
    }
    let expected = [
        "0.0.5: - latest",
        "0.0.4: - latest",
        "0.0.3: - latest",
        "0.0.2: - latest",
    ];
    assert_eq!(
        world.releases("Api"),
        expected,
        "{:?}",
        world.history(FILE).await
    );
    world.minutes(70).await;
    assert_eq!(world.releases("Api"), expected);
    world.assert_settled().await;
}

/// The trigger of the file under another name.
fn second(exclude: Option<&str>) -> domain::definition::Definition {
    domain::definition::Definition {
        name: "The other one".to_owned(),
        ..excluding(exclude)
    }
}

#[tokio::test]
async fn triggers_with_opposite_options_do_not_undo_each_other_for_ever() {
    let mut world = World::with_definition(excluding(None)).await;
    for version in ["1.1.0", "1.2.0"] {
        world.push("acme/api", version);
        world.until_quiet().await.unwrap();
    }
    world
        .apply(vec![excluding(Some("^1\\.2")), second(None)])
        .await;
    world.until_quiet().await.unwrap();
    world.minutes(190).await;
    let returned = ["0.0.4: - 1.1.0", "0.0.3: - 1.2.0", "0.0.2: - 1.1.0"];
    assert_eq!(world.releases("Api"), returned);
    let stored = world.program.store().watch_list().await.unwrap().unwrap();
    let mut triggers = stored.list.triggers.iter();
    let other = triggers.find(|one| one.name == "The other one");
    let history = world.history(other.unwrap().id.as_str()).await;
    assert!(
        history[0].starts_with("Refused: 0.0.4 repeats the packages"),
        "{history:?}"
    );

    // Without the first trigger, the second one decides.
    world.apply(vec![second(None)]).await;
    world.minutes(130).await;
    let releases = world.releases("Api");
    assert_eq!(
        (releases[0].as_str(), releases.len()),
        ("0.0.5: - 1.2.0", 4)
    );
}

/// A channel whose newest release is about to be rolled back.
async fn about_to_roll_back() -> World {
    let mut world = World::with_definition(excluding(None)).await;
    for version in ["1.1.0", "1.2.0"] {
        world.push("acme/api", version);
        world.until_quiet().await.unwrap();
    }
    world.apply(vec![excluding(Some("^1\\.2"))]).await;
    world.fuse.set(None);
    world
}

#[tokio::test]
async fn roll_back_that_is_interrupted_is_released_once() {
    let mut world = about_to_roll_back().await;
    world.until_quiet().await.unwrap();
    let effects = world.fuse.effects();
    let is_of_the_release = |effect: &&String| {
        ["create", "put lock#", "put plan#", "delete lock#"]
            .iter()
            .any(|kind| effect.starts_with(kind))
    };
    let of_the_release = effects.iter().filter(is_of_the_release).count();
    assert!(of_the_release >= 4, "{effects:?}");
    for (index, effect) in effects.iter().enumerate() {
        if !is_of_the_release(&effect) {
            continue;
        }
        for moment in [Moment::Before, Moment::After] {
            let mut world = about_to_roll_back().await;
            world.fuse.set(Some((index, moment)));
            assert!(world.until_quiet().await.is_err(), "{effect}");
            world.fuse.set(None);
            world.restart();
            // The leases expire, and the hourly evaluation follows.
            world.minutes(75).await;
            assert_eq!(
                world.releases("Api"),
                ["0.0.4: - 1.1.0", "0.0.3: - 1.2.0", "0.0.2: - 1.1.0"],
                "{moment:?} {effect}"
            );
            world.assert_settled().await;
        }
    }
}

#[tokio::test]
async fn release_made_by_hand_stays_until_there_is_a_newer_version() {
    let mut world =
        World::with_definition(definition(Options::default(), VersionPolicy::default())).await;
    world.push("acme/api", "1.1.0");
    world.until_quiet().await.unwrap();
    let by_hand = seed::Release {
        version: "0.9.0".to_owned(),
        packages: vec![seed::ReleasePackage {
            action: "Deploy api".to_owned(),
            package: String::new(),
            version: "1.0.0".to_owned(),
        }],
        ..seed::Release::default()
    };
    world.octopus.state().add_release("Api", by_hand).unwrap();
    world.minutes(70).await;
    assert_eq!(world.releases("Api"), ["0.9.0: - 1.0.0", "0.0.2: - 1.1.0"]);
    let reason = "the same packages were released as 0.0.2 already; the newer release 0.9.0 was created \
                  by hand and stays until there is a newer version";
    assert_eq!(
        world.history(FILE).await[0],
        format!("AlreadyReleased: {reason}")
    );
    assert_eq!(explained(&world).await, reason);

    world.push("acme/api", "1.2.0");
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Api")[0], "0.9.1: - 1.2.0");
    world.assert_settled().await;
}

/// The reason that `feedctl explain` shows for the file's trigger.
async fn explained(world: &World) -> String {
    let http = OutboundClient::new("127.0.0.1/32".parse().unwrap()).unwrap();
    let key = FixedKey::new(world.octopus.api_key());
    let octopus = OctopusClient::new(http.http().clone(), &world.octopus.url(), key).unwrap();
    let store = world.program.store();
    let list = store.watch_list().await.unwrap().unwrap().list;
    let trigger = list.triggers.iter().find(|one| one.id.as_str() == FILE);
    let explain = Explain {
        store,
        octopus: &octopus,
        clock: &world.clock,
    };
    let explanation = explain.now(trigger.unwrap()).await.unwrap();
    explanation.decided.decision.reason().to_string()
}
