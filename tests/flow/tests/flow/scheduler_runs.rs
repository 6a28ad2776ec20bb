//! The packages that a scheduler run requests: those whose slot it is, and failed or new ones before their slot; and the
//! counts of the run.

use std::collections::BTreeMap;

use domain::time::Span;
use engine::messages::Event;
use engine::ports::{Clock, SchedulerRuns};
use engine::schedule::RunScope;
use flow::{API, SHOP, SITE, World};
use registry_server::{Fault, FaultKind};
use serde_json::{Value, json};

const SLOT: Span = Span::from_minutes(10);

/// The packages that were asked for, by the names of their feeds.
type Asked = BTreeMap<String, Vec<String>>;

fn status(code: u16) -> FaultKind {
    FaultKind::Status(code, Vec::new(), "{}".to_owned())
}

/// The packages requested after this many messages.
fn asked_since(world: &World, messages: usize) -> Asked {
    let log = world.queue.log().split_off(messages);
    let checks = log.into_iter().filter_map(|message| match message.event {
        Event::FeedCheckRequested(check) => Some((check.feed.name, check.packages)),
        _ => None,
    });
    let named = checks.map(|(feed, packages)| {
        let packages = packages.iter().map(ToString::to_string);
        (feed, packages.collect())
    });
    named.collect()
}

/// Advances a minute and returns the requested packages of the feed Images.
async fn minute(world: &mut World) -> Option<Vec<String>> {
    let before = world.queue.log().len();
    world.run().await.unwrap();
    asked_since(world, before).remove("Images")
}

/// Advances past the slot of the feed Images.
async fn pass_a_slot(world: &mut World) {
    world.check_every(SLOT);
    while minute(world).await.is_none() {}
}

/// The packages of the feed Images that are requested between two slots.
async fn asked_before_the_next_slot(world: &mut World) -> Vec<Vec<String>> {
    let mut asked = Vec::new();
    for _ in 1..10 {
        asked.extend(minute(world).await);
    }
    asked
}

#[tokio::test]
async fn healthy_package_waits_for_its_slot() {
    let mut world = World::start().await;
    pass_a_slot(&mut world).await;
    let asked = asked_before_the_next_slot(&mut world).await;
    assert_eq!(asked, Vec::<Vec<String>>::new());
}

#[tokio::test]
async fn failed_package_alone_is_requested_before_its_slot() {
    let mut world = World::start().await;
    let missing = Fault::new("acme/web", usize::MAX, status(404));
    world.images.fault(missing);
    pass_a_slot(&mut world).await;
    let asked = asked_before_the_next_slot(&mut world).await;
    assert!(asked.len() >= 2, "{asked:?}");
    for packages in asked {
        assert_eq!(packages, ["acme/web"]);
    }
}

#[tokio::test]
async fn failed_feed_is_requested_before_its_slot_for_all_packages() {
    let mut world = World::start().await;
    world.images.fault(Fault::always(status(500)));
    pass_a_slot(&mut world).await;
    let asked = asked_before_the_next_slot(&mut world).await;
    assert!(asked.len() >= 2, "{asked:?}");
    for packages in asked {
        assert_eq!(packages, ["acme/api", "acme/cart", "acme/web"]);
    }
}

#[tokio::test]
async fn new_package_alone_is_requested_before_its_slot() {
    let mut world = World::with(|seed| {
        seed.spaces[0].projects[0].triggers[0].packages.truncate(1);
    })
    .await;
    pass_a_slot(&mut world).await;
    let cart = json!({"DeploymentActionSlug": "deploy-cart", "PackageReference": "cart"});
    world
        .edit_trigger(SHOP, |trigger| {
            let watched = &mut trigger["Filter"]["Packages"];
            watched.as_array_mut().unwrap().push(cart);
        })
        .await;
    let asked = asked_before_the_next_slot(&mut world).await;
    assert_eq!(asked, [["acme/cart"]]);
}

/// A full run retries failed feeds at once, and respects a requested pause.
#[tokio::test]
async fn full_run_requests_failed_feeds_and_skips_throttled_ones() {
    let mut world = World::start().await;
    world.images.fault(Fault::always(status(500)));
    let pause = FaultKind::TooManyRequests(Some(600));
    world.mirror.fault(Fault::always(pause));
    world.run().await.unwrap();
    let before = world.queue.log().len();
    world.schedule(RunScope::Everything).await.unwrap();
    let asked: Vec<_> = asked_since(&world, before).into_keys().collect();
    assert_eq!(asked, ["Charts", "Images"]);
}

#[tokio::test]
async fn scheduler_run_counts_its_requests() {
    let world = World::start().await;
    let counted = async || {
        let run = world.program.store().last_run().await.unwrap();
        run.unwrap().counted.unwrap()
    };
    let before = counted().await;
    let report = world.schedule(RunScope::Everything).await.unwrap();
    assert_eq!((report.checks, report.evaluations), (3, 3));
    let (checks, packages, evaluations) = (3, 5, 3);
    let after = before.with_run(checks, packages, evaluations);
    assert_eq!(counted().await, after);
}

#[tokio::test]
async fn run_with_a_message_too_large_for_the_bus_publishes_the_others() {
    let world = World::start().await;
    world.clock.advance(Span::from_minutes(1));
    world.queue.limit_names("shop".len());
    let before = world.queue.log().len();
    let report = world.schedule(RunScope::Everything).await.unwrap();
    let unsent = report.unsent.unwrap();
    // The two requests with names of images are too long; the one of the chart is not.
    assert_eq!((unsent.failed, unsent.unencodable), (2, 2));
    let asked = asked_since(&world, before);
    assert!(!asked.contains_key("Images"), "{asked:?}");
    assert_eq!(asked.len(), 1, "{asked:?}");
    let run = world.program.store().last_run().await.unwrap().unwrap();
    assert!(world.clock.now().since(run.at) < Span::from_minutes(1));
}

#[tokio::test]
async fn run_reports_the_loss_of_most_triggers_once() {
    let world = World::start().await;
    let lost = async || {
        let report = world.schedule(RunScope::Everything).await.unwrap();
        report.most_triggers_lost
    };
    let unmark = async |trigger| {
        let unmarked = |document: &mut Value| document["Description"] = json!("");
        world.edit_trigger(trigger, unmarked).await;
    };
    assert!(!lost().await);
    unmark(SITE).await;
    assert!(!lost().await, "two of three triggers are left");
    unmark(API).await;
    assert!(!lost().await, "one of two triggers is left");
    unmark(SHOP).await;
    assert!(lost().await, "none is left");
    assert!(!lost().await, "a metric for each run would keep its alarm");
}
