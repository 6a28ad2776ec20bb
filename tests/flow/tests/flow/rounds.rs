//! Whom a round asks: those whose slot it is, what failed or is new before its slot, and nobody else; and that
//! all of it is counted.

use std::collections::BTreeMap;

use domain::time::Span;
use engine::messages::Event;
use engine::ports::SchedulerRuns;
use engine::schedule::RunScope;
use flow::{SHOP, World};
use registry_server::{Fault, FaultKind};
use serde_json::json;

const SLOT: Span = Span::from_minutes(10);

/// The packages that were asked for, by the names of their feeds.
type Asked = BTreeMap<String, Vec<String>>;

fn status(code: u16) -> FaultKind {
    FaultKind::Status(code, Vec::new(), "{}".to_owned())
}

/// What was asked for since so many messages.
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

/// A minute passes. Gives what was asked for of the feed Images.
async fn minute(world: &mut World) -> Option<Vec<String>> {
    let before = world.queue.log().len();
    world.round().await.unwrap();
    asked_since(world, before).remove("Images")
}

/// The slot of the feed Images comes and goes.
async fn pass_a_slot(world: &mut World) {
    world.check_every(SLOT);
    while minute(world).await.is_none() {}
}

/// What is asked for of the feed Images after its slot and before the next one.
async fn asked_before_the_next_slot(world: &mut World) -> Vec<Vec<String>> {
    let mut asked = Vec::new();
    for _ in 1..10 {
        asked.extend(minute(world).await);
    }
    asked
}

#[tokio::test]
async fn what_is_well_waits_for_its_slot() {
    let mut world = World::start().await;
    pass_a_slot(&mut world).await;
    let asked = asked_before_the_next_slot(&mut world).await;
    assert_eq!(asked, Vec::<Vec<String>>::new());
}

#[tokio::test]
async fn a_package_that_failed_is_asked_for_again_before_its_slot_and_no_other() {
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
async fn a_feed_that_failed_is_asked_again_before_its_slot_for_all_that_is_watched() {
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
async fn a_package_that_is_new_is_asked_for_before_its_slot_and_no_other() {
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

/// By hand, what failed is tried at once; who asked for a pause gets it.
#[tokio::test]
async fn a_whole_round_asks_who_failed_and_not_who_asked_for_a_pause() {
    let mut world = World::start().await;
    world.images.fault(Fault::always(status(500)));
    let pause = FaultKind::TooManyRequests(Some(600));
    world.mirror.fault(Fault::always(pause));
    world.round().await.unwrap();
    let before = world.queue.log().len();
    world.schedule(RunScope::Everything).await.unwrap();
    let asked: Vec<_> = asked_since(&world, before).into_keys().collect();
    assert_eq!(asked, ["Charts", "Images"]);
}

#[tokio::test]
async fn what_a_round_asks_for_is_counted() {
    let world = World::start().await;
    let counted = async || {
        let tick = world.program.store().last_run().await.unwrap();
        tick.unwrap().counted.unwrap()
    };
    let before = counted().await;
    let report = world.schedule(RunScope::Everything).await.unwrap();
    assert_eq!((report.checks, report.evaluations), (3, 3));
    let (checks, packages, evaluations) = (3, 5, 3);
    let after = before.with_run(checks, packages, evaluations);
    assert_eq!(counted().await, after);
}
