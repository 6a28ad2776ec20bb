//! Triggers that cannot be evaluated are reported as stalled, once.

use domain::time::Span;
use engine::messages::Event;
use engine::schedule::RunScope;
use flow::{Moment, World};
use octopus_server::{Fault, FaultKind};

fn reported(world: &World) -> usize {
    world.published(|event| matches!(event, Event::TriggerStalled(_)))
}

#[tokio::test]
async fn trigger_not_evaluated_for_four_hours_is_reported_once() {
    let mut world = World::start().await;
    world.use_api_key("API-REVOKED");
    for _ in 0..3 {
        world.clock.advance(Span::from_minutes(58));
        world.minutes(2).await;
    }
    assert_eq!(reported(&world), 0);
    for _ in 0..3 {
        world.clock.advance(Span::from_minutes(58));
        world.minutes(2).await;
    }
    assert_eq!(reported(&world), 3, "each of the three triggers");

    let key = world.octopus.api_key().to_owned();
    world.use_api_key(&key);
    world.minutes(20).await;
    let report = world.schedule(RunScope::Everything).await.unwrap();
    assert_eq!(report.stalled, Some(0));
    assert_eq!(reported(&world), 3);
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
    assert_eq!(reported(&world), 0);
    world
}

/// The minutes until a stalled trigger is reported.
async fn minutes_until_reported(world: &mut World) -> usize {
    for minutes in 1..=20 {
        world.fuse.set(None);
        world.minutes(1).await;
        if reported(world) > 0 {
            return minutes;
        }
    }
    panic!("nothing is reported");
}

#[tokio::test]
async fn full_run_does_not_report_again() {
    let mut world = nearly_stalled().await;
    minutes_until_reported(&mut world).await;
    assert_eq!(reported(&world), 3);
    let report = world.schedule(RunScope::Everything).await.unwrap();
    assert_eq!((report.stalled, reported(&world)), (Some(3), 3));
}

#[tokio::test]
async fn crashed_run_is_replaced_by_the_report_of_the_next() {
    let mut whole = nearly_stalled().await;
    let minutes = minutes_until_reported(&mut whole).await;
    let mut effects = whole.fuse.effects().into_iter();
    let report = effects.position(|one| one.contains("TriggerStalled"));
    let mut world = nearly_stalled().await;
    world.minutes(minutes - 1).await;
    world
        .fuse
        .set(report.map(|report| (report, Moment::Before)));
    world.run().await.unwrap_err();
    let effects = world.fuse.effects();
    let is_run = |effect: &String| effect.contains("put scheduler last-run");
    assert!(effects.iter().any(is_run), "{effects:?}");
    assert_eq!(reported(&world), 0, "{effects:?}");

    world.restart();
    world.minutes(1).await;
    assert_eq!(reported(&world), 3);
    world.minutes(20).await;
    assert_eq!(reported(&world), 3);
}
