//! Triggers that cannot be evaluated are told of, once.

use domain::time::Span;
use engine::messages::Event;
use engine::schedule::RunScope;
use flow::{Moment, World};
use octopus_server::{Fault, FaultKind};

fn told(world: &World) -> usize {
    world.published(|event| matches!(event, Event::TriggerStalled(_)))
}

#[tokio::test]
async fn a_trigger_that_was_not_evaluated_for_four_hours_is_told_of_once() {
    let mut world = World::start().await;
    world.use_api_key("API-REVOKED");
    for _ in 0..3 {
        world.clock.advance(Span::from_minutes(58));
        world.minutes(2).await;
    }
    assert_eq!(told(&world), 0);
    for _ in 0..3 {
        world.clock.advance(Span::from_minutes(58));
        world.minutes(2).await;
    }
    assert_eq!(told(&world), 3, "each of the three triggers");

    let key = world.octopus.api_key().to_owned();
    world.use_api_key(&key);
    world.minutes(20).await;
    let report = world.schedule(RunScope::Everything).await.unwrap();
    assert_eq!(report.stalled, Some(0));
    assert_eq!(told(&world), 3);
}

/// A world whose list can be read and whose evaluations have failed for nearly four hours.
async fn nearly_stalled() -> World {
    let mut world = World::start().await;
    let broken = Fault::always("/releases", FaultKind::Unavailable);
    world.octopus.faults().push(broken);
    for _ in 0..3 {
        world.clock.advance(Span::from_minutes(58));
        world.minutes(2).await;
    }
    world.clock.advance(Span::from_minutes(50));
    assert_eq!(told(&world), 0);
    world
}

/// How many minutes pass until somebody is told.
async fn minutes_until_told(world: &mut World) -> usize {
    for minutes in 1..=20 {
        world.minutes(1).await;
        if told(world) > 0 {
            return minutes;
        }
    }
    panic!("nobody is told");
}

#[tokio::test]
async fn whoever_asks_for_everything_does_not_have_it_told_again() {
    let mut world = nearly_stalled().await;
    minutes_until_told(&mut world).await;
    assert_eq!(told(&world), 3);
    let report = world.schedule(RunScope::Everything).await.unwrap();
    assert_eq!((report.stalled, told(&world)), (Some(3), 3));
}

#[tokio::test]
async fn what_a_round_found_that_died_is_told_by_the_next() {
    let minutes = minutes_until_told(&mut nearly_stalled().await).await;
    let mut world = nearly_stalled().await;
    world.minutes(minutes - 1).await;
    world.fuse.set(Some((2, Moment::Before)));
    world.round().await.unwrap_err();
    let effects = world.fuse.effects();
    assert!(effects[0].contains("watchlist"), "{effects:?}");
    assert_eq!(told(&world), 0, "{effects:?}");

    world.restart();
    world.minutes(1).await;
    assert_eq!(told(&world), 3);
    world.minutes(20).await;
    assert_eq!(told(&world), 3);
}
