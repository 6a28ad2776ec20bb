//! Triggers that cannot be evaluated, or wait for a correction, are reported as stalled, once.

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

/// The reasons of the published events.
fn reasons(world: &World) -> Vec<String> {
    let messages = world.queue.log().into_iter();
    let reasons = messages.filter_map(|message| match message.event {
        Event::TriggerStalled(stalled) => stalled.reason,
        _ => None,
    });
    reasons.collect()
}

/// Lets hours pass, with two scheduler runs at the end of each.
async fn hours(world: &mut World, hours: usize) {
    for _ in 0..hours {
        world.clock.advance(Span::from_minutes(58));
        world.minutes(2).await;
    }
}

/// The last evaluations succeed with the old listing, but the feed is not read any more.
#[tokio::test]
async fn trigger_with_a_feed_that_cannot_be_read_for_four_hours_is_reported_with_the_failure() {
    let mut world = World::start().await;
    hours(&mut world, 1).await;
    world.images.fault(registry_server::Fault::always(
        registry_server::FaultKind::Status(503, Vec::new(), String::new()),
    ));
    hours(&mut world, 4).await;
    assert_eq!(reported(&world), 0);
    hours(&mut world, 2).await;
    let reasons = reasons(&world);
    assert!(!reasons.is_empty());
    for reason in reasons {
        assert!(reason.contains("503"), "{reason}");
    }
}

/// Evaluations are completed each hour, but none can create a release.
#[tokio::test]
async fn trigger_that_waits_for_a_correction_for_four_hours_is_reported_with_the_reason() {
    let mut world = World::with(|seed| {
        let channels = &mut seed.spaces[0].projects[0].channels;
        for channel in channels {
            channel.custom_fields = vec!["Approval".to_owned()];
        }
    })
    .await;
    world.push("acme/web", "1.1.0");
    hours(&mut world, 3).await;
    assert_eq!(reported(&world), 0);
    hours(&mut world, 3).await;
    let reasons = reasons(&world);
    assert!(!reasons.is_empty());
    for reason in reasons {
        assert!(
            reason.contains("requires the custom field `Approval`"),
            "{reason}"
        );
    }
}

/// The step of the trigger uses a feed that was deleted.
#[tokio::test]
async fn trigger_whose_feed_was_deleted_for_four_hours_is_reported_with_the_reason() {
    let mut world = World::start().await;
    hours(&mut world, 1).await;
    world.octopus.state().delete_feed("Images").unwrap();
    hours(&mut world, 2).await;
    assert_eq!(reported(&world), 0);
    hours(&mut world, 4).await;
    let reasons = reasons(&world);
    assert!(!reasons.is_empty());
    for reason in reasons {
        assert!(reason.contains("does not exist"), "{reason}");
    }
    let report = world.schedule(RunScope::Everything).await.unwrap();
    let stalled = report.stalled.unwrap();
    assert!(stalled > 0, "StalledTriggers, the metric of the alarm");
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
