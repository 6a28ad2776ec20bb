//! S9: changes of one trigger that wait together lead to one evaluation.

use engine::messages::{Event, Message};
use engine::schedule::RunScope;
use flow::{SHOP, World};
use octopus_server::{Body, Fault, FaultKind};

/// Pushes of each of two images.
const PUSHES: usize = 75;
/// Target S9: evaluations after 150 changes within a minute.
const MOST_EVALUATIONS: usize = 3;

/// The check of the feed Images. No other message waits.
async fn check_of_images(world: &World) -> Message {
    let before = world.queue.log().len();
    world.schedule(RunScope::Everything).await.unwrap();
    world.queue.lose();
    let is_of_images = |message: &Message| matches!(&message.event, Event::FeedCheckRequested(check) if check.feed.name == "Images");
    let mut messages = world.queue.log().split_off(before).into_iter();
    messages.find(is_of_images).unwrap()
}

/// The evaluations of the trigger so far.
fn evaluations(world: &World) -> usize {
    world.published(|event| match event {
        Event::ReleaseCreated(evaluation) | Event::ReleaseSkipped(evaluation) => {
            evaluation.trigger.as_str() == SHOP
        }
        _ => false,
    })
}

/// Pushes both images with these numbers, and checks the feed after each.
async fn push(world: &World, check: &Message, numbers: std::ops::Range<usize>) {
    for number in numbers {
        for image in ["acme/web", "acme/cart"] {
            world.push(image, &format!("1.1.{number}"));
        }
        world.program.handle(check).await.unwrap();
    }
}

#[tokio::test]
async fn changes_within_a_minute_lead_to_few_evaluations() {
    let mut world = World::start().await;
    let check = check_of_images(&world).await;
    let before = evaluations(&world);
    push(&world, &check, 0..PUSHES).await;
    let changes = world.published(|event| matches!(event, Event::PackageVersionsChanged(_)));
    assert!(changes >= 2 * PUSHES, "{changes} changes");
    world.deliver().await.unwrap();
    let evaluated = evaluations(&world) - before;
    println!(
        "{} changes of a trigger, {evaluated} evaluations",
        2 * PUSHES
    );
    assert!(evaluated <= MOST_EVALUATIONS, "{evaluated} evaluations");
    assert_eq!(
        world.releases("Shop")[0],
        "0.0.2: web 1.1.74, cart 1.1.74, chart 1.0.0"
    );
}

#[tokio::test]
async fn change_during_a_failed_evaluation_is_evaluated() {
    let mut world = World::start().await;
    let check = check_of_images(&world).await;
    push(&world, &check, 0..1).await;
    let down = FaultKind::Status(500, Body::Json);
    let down = Fault::always("/releases", down);
    world.octopus.faults().push(down);
    assert!(world.deliver_next().await.unwrap());
    assert!(world.history(SHOP).await[0].starts_with("Failed"));
    world.octopus.faults().clear();
    assert!(world.deliver_next().await.unwrap());
    assert!(world.history(SHOP).await[0].starts_with("Created"));
    world.deliver().await.unwrap();
    assert_eq!(world.releases("Shop").len(), 1);
}

#[tokio::test]
async fn change_after_an_evaluation_is_evaluated() {
    let mut world = World::start().await;
    let check = check_of_images(&world).await;
    for (number, created) in [(0, 1), (1, 2)] {
        push(&world, &check, number..number + 1).await;
        world.deliver().await.unwrap();
        assert_eq!(world.releases("Shop").len(), created);
    }
}

/// A message that is delivered again may have been interrupted after its evaluation was recorded.
#[tokio::test]
async fn change_delivered_again_is_evaluated_again() {
    let mut world = World::start().await;
    let check = check_of_images(&world).await;
    push(&world, &check, 0..1).await;
    let log = world.queue.log();
    let mut messages = log.into_iter().rev();
    let is_change = |one: &Message| matches!(one.event, Event::PackageVersionsChanged(_));
    let last = messages.find(is_change).unwrap();
    let before = messages.find(is_change).unwrap();
    world.deliver().await.unwrap();
    let evaluated = async |message| world.program.handle(message).await.unwrap().len();
    assert_eq!(evaluated(&before).await, 1);
    assert_eq!(evaluated(&last).await, 0);
}
