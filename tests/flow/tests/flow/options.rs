//! The effects of a trigger's options, from a push to a release.

use std::num::NonZeroU32;

use domain::options::{CatchUp, FirstSight, Options, VersionPolicy};
use domain::time::{Span, Timestamp};
use domain::window::{Day, OpenHours, ReleaseWindow};
use engine::messages::Event;
use engine::ports::Clock;
use flow::{FILE, World, definition};

const NONE: [&str; 0] = [];

async fn with(options: Options) -> World {
    World::with_definition(definition(options, VersionPolicy::default())).await
}

#[tokio::test]
async fn followed_tag_pushed_again_makes_one_release() {
    let policy = VersionPolicy {
        follow: Some("latest".to_owned()),
        ..VersionPolicy::default()
    };
    let mut world = World::with_definition(definition(Options::default(), policy)).await;
    world.images.push("acme/api", "latest", "one");
    world.until_quiet().await.unwrap();
    let first = world.releases("Api");
    assert_eq!(
        first,
        ["0.0.2: - latest"],
        "{:?}",
        world.history(FILE).await
    );

    world.images.push("acme/api", "latest", "two");
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Api").len(), 2);
    let again = world.queue.log();
    let changed = again.iter().rfind(|message| match &message.event {
        Event::PackageVersionsChanged(change) => change.changes.digest_changed == ["latest"],
        _ => false,
    });
    for _ in 0..2 {
        world.program.handle(changed.unwrap()).await.unwrap();
    }
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Api").len(), 2);
    world.assert_settled().await;
}

#[tokio::test]
async fn too_recent_version_is_released_at_its_minimum_age() {
    let mut world = with(Options {
        minimum_age: Some(Span::from_hours(3)),
        ..Options::default()
    })
    .await;
    world.clock.advance(Span::from_hours(4));
    world.until_quiet().await.unwrap();
    world.push("acme/api", "1.1.0");
    world.until_quiet().await.unwrap();
    let pushed = world.clock.now();
    assert!(world.history(FILE).await[0].starts_with("Waiting: "));
    while world.clock.now().since(pushed) < Span::from_minutes(170) {
        world.clock.advance(Span::from_minutes(9));
        world.run().await.unwrap();
        assert_eq!(world.releases("Api"), NONE);
    }
    world.minutes(12).await;
    assert_eq!(world.releases("Api"), ["0.0.2: - 1.1.0"]);
}

#[tokio::test]
async fn pushes_within_the_quiet_period_make_one_release() {
    let mut world = with(Options {
        quiet_period: Some(Span::from_minutes(10)),
        ..Options::default()
    })
    .await;
    world.push("acme/api", "1.1.0");
    world.minutes(5).await;
    world.push("acme/api", "1.2.0");
    world.minutes(8).await;
    assert_eq!(world.releases("Api"), NONE);
    world.minutes(6).await;
    assert_eq!(world.releases("Api"), ["0.0.2: - 1.2.0"]);
}

/// The opening is more than an hour away, so it is reached in steps.
#[tokio::test]
async fn one_release_is_created_at_the_opening_of_the_window() {
    let hours = OpenHours {
        days: [Day::Monday].into(),
        from: "07:00".parse().unwrap(),
        to: "08:00".parse().unwrap(),
    };
    // The clock starts on Monday, 1 June 2026, 00:00 UTC, which is 02:00 in Vienna.
    let mut world = with(Options {
        window: Some(ReleaseWindow {
            time_zone: Some("Europe/Vienna".to_owned()),
            open: vec![hours],
            freezes: Vec::new(),
        }),
        ..Options::default()
    })
    .await;
    let opening = Timestamp::from_millis(1_780_272_000_000) + Span::from_hours(5);
    world.push("acme/api", "1.1.0");
    world.minutes(10).await;
    let history = world.history(FILE).await;
    assert!(
        history[0].starts_with(
            "Waiting: the release window opens at 2026-06-01 07:00 in Europe/Vienna (2026-06-01T05:00:00Z)"
        ),
        "{history:?}"
    );
    world.push("acme/api", "1.2.0");
    while world.clock.now() + Span::from_minutes(1) < opening {
        world.run().await.unwrap();
        assert_eq!(world.releases("Api"), NONE);
    }
    world.minutes(2).await;
    assert_eq!(world.releases("Api"), ["0.0.2: - 1.2.0"]);
    world.minutes(5).await;
    assert_eq!(world.releases("Api").len(), 1);
    world.push("acme/api", "1.3.0");
    world.minutes(5).await;
    assert_eq!(world.releases("Api").len(), 2);
    world.minutes(60).await;
    world.push("acme/api", "1.4.0");
    world.minutes(60).await;
    assert_eq!(world.releases("Api").len(), 2);
}

#[tokio::test]
async fn limit_delays_releases_and_loses_none() {
    let mut world = with(Options {
        max_releases_per_hour: NonZeroU32::new(1),
        ..Options::default()
    })
    .await;
    let advance = |world: &World| {
        let now = jiff::Timestamp::from_millisecond(world.clock.now().as_millis()).unwrap();
        world.octopus.state().set_clock(Some(now));
    };
    advance(&world);
    world.push("acme/api", "1.1.0");
    world.until_quiet().await.unwrap();
    world.push("acme/api", "1.2.0");
    world.minutes(30).await;
    assert_eq!(world.releases("Api"), ["0.0.2: - 1.1.0"]);
    advance(&world);
    world.minutes(35).await;
    assert_eq!(world.releases("Api"), ["0.0.3: - 1.2.0", "0.0.2: - 1.1.0"]);
}

#[tokio::test]
async fn catch_up_releases_every_version_in_order() {
    let mut world = with(Options {
        catch_up: CatchUp::Every,
        ..Options::default()
    })
    .await;
    for version in ["1.1.0", "1.2.0", "1.3.0"] {
        world.push("acme/api", version);
    }
    world.minutes(6).await;
    let expected = ["0.0.4: - 1.3.0", "0.0.3: - 1.2.0", "0.0.2: - 1.1.0"];
    assert_eq!(world.releases("Api"), expected);
    world.assert_settled().await;
}

#[tokio::test]
async fn observe_mode_creates_nothing() {
    let mut world = with(Options {
        dry_run: true,
        ..Options::default()
    })
    .await;
    world.push("acme/api", "1.1.0");
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Api"), NONE);
    assert!(world.history(FILE).await[0].starts_with("Observed: "));
}

#[tokio::test]
async fn versions_before_the_trigger_are_not_released() {
    let mut world = World::with(|seed| {
        let project = &mut seed.spaces[0].projects[2];
        project.triggers.clear();
        project.releases.clear();
    })
    .await;
    let options = Options {
        first_sight: FirstSight::Baseline,
        ..Options::default()
    };
    world
        .apply(vec![definition(options, VersionPolicy::default())])
        .await;
    world.until_quiet().await.unwrap();
    let made = |world: &World| world.octopus.state().releases("Api").unwrap().len();
    assert_eq!(made(&world), 0, "{:?}", world.history(FILE).await);
    world.push("acme/api", "1.1.0");
    world.until_quiet().await.unwrap();
    assert_eq!(made(&world), 1, "{:?}", world.history(FILE).await);
}

#[tokio::test]
async fn number_that_stays_used_is_reported() {
    let mut world = with(Options {
        release_version: Some("0.0.1".to_owned()),
        ..Options::default()
    })
    .await;
    world.push("acme/api", "1.1.0");
    world.run().await.unwrap();
    assert_eq!(world.releases("Api"), NONE);
    let history = world.history(FILE).await.remove(0);
    assert_eq!(
        history,
        "Refused: cannot create the release: the project has a release 0.0.1 with other packages; change the \
         trigger's `releaseVersion` so that each release gets another number, or delete the release 0.0.1 in Octopus"
    );
    assert_eq!(world.octopus.state().count("POST", "/releases"), 1);
    world.minutes(30).await;
    assert_eq!(world.octopus.state().count("POST", "/releases"), 1);
}
