//! Lasting failures: each is published once, counted and retried less and less often, and pauses nothing else.

use std::collections::BTreeMap;

use domain::cause::EvaluationCause;
use domain::time::Span;
use engine::messages::Event;
use engine::ports::PauseKey;
use flow::{API, SHOP, SITE, World};
use octopus_server::FaultKind as OctopusFault;
use registry_server::{Fault, FaultKind};

fn status(code: u16) -> FaultKind {
    FaultKind::Status(code, Vec::new(), "{}".to_owned())
}

/// Consecutive failures, by the paused feed, package or trigger.
async fn failures(world: &World) -> BTreeMap<String, u32> {
    let pauses = world.pauses().await;
    let named = pauses.into_iter().map(|(key, state)| {
        let name = match key {
            PauseKey::Feed(_, feed) => feed.to_string(),
            PauseKey::Package(key) => format!("{} of {}", key.package, key.feed),
            PauseKey::Trigger(_, trigger) => trigger.to_string(),
        };
        (name, state.failures)
    });
    named.collect()
}

fn named(failures: &[(&str, u32)]) -> BTreeMap<String, u32> {
    let failures = failures.iter();
    failures
        .map(|(name, count)| ((*name).to_owned(), *count))
        .collect()
}

fn reported(world: &World) -> usize {
    world.published(|event| matches!(event, Event::FeedCheckFailed(_)))
}

#[tokio::test]
async fn failing_checks_are_retried_less_and_less_often() {
    let mut world = World::start().await;
    let missing = Fault::new("acme/web", usize::MAX, status(404));
    world.images.fault(missing);
    world.minutes(8).await;
    world.charts.fault(Fault::always(status(500)));
    world.minutes(6).await;
    world.mirror.fault(Fault::always(status(500)));
    world.minutes(2).await;

    let expected = [
        ("Feeds-1002", 1),
        ("Feeds-1003", 3),
        ("acme/web of Feeds-1001", 4),
    ];
    assert_eq!(failures(&world).await, named(&expected));
    assert_eq!(reported(&world), 1 + 3 + 4);
    let history = world.evaluations(SHOP).await;
    for feed in ["Images", "Charts"] {
        let cause = EvaluationCause::CheckFailed {
            feed_name: feed.to_owned(),
        };
        let of_feed = history.iter().filter(|one| one.cause == cause);
        assert_eq!(of_feed.count(), 1, "{feed} is reported once");
    }
    // Another reason is published too.
    world.images.clear_faults();
    world
        .images
        .fault(Fault::new("acme/web", usize::MAX, status(403)));
    world.minutes(20).await;
    let history = world.evaluations(SHOP).await;
    let of_feed = history
        .iter()
        .filter(|one| one.cause.to_string() == "check of feed Images");
    assert_eq!(of_feed.count(), 2);
}

#[tokio::test]
async fn failing_evaluations_are_retried_less_and_less_often() {
    let mut world = World::start().await;
    let broken = octopus_server::Fault::always("/releases", OctopusFault::Unavailable);
    world.octopus.faults().push(broken);
    world.push("acme/api", "1.1.0");
    world.minutes(4).await;
    world.push("acme/web", "1.1.0");
    world.minutes(12).await;
    assert_eq!(
        failures(&world).await,
        named(&[(SHOP, 4), (SITE, 5), (API, 5)])
    );

    world.octopus.faults().clear();
    world.clock.advance(Span::from_minutes(16));
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Shop").len(), 1);
    assert_eq!(world.releases("Api").len(), 1);
    world.assert_settled().await;
}
