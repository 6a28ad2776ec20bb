//! S8: a check of the schedule that waited until the schedule requested it again is skipped; a check after a push never.

use domain::time::Span;
use engine::messages::{Event, FeedCheck, Message};
use engine::schedule::RunScope;
use flow::World;

/// The check of the feed Images that the next run requests. No message waits.
async fn requested(world: &World) -> (Message, FeedCheck) {
    let before = world.queue.log().len();
    world.clock.advance(Span::from_minutes(1));
    world.schedule(RunScope::Due).await.unwrap();
    world.queue.lose();
    let messages = world.queue.log().split_off(before).into_iter();
    let mut checks = messages.filter_map(|message| match message.event.clone() {
        Event::FeedCheckRequested(check) if check.feed.name == "Images" => Some((message, check)),
        _ => None,
    });
    checks.next().unwrap()
}

/// How long the check may wait.
fn seconds(message: &Message, check: &FeedCheck) -> i64 {
    let waits = check.superseded_at.unwrap().since(message.time);
    waits.as_millis() / 1_000
}

/// The requests that the check sends to the registry.
async fn requests(world: &World, check: &Message) -> usize {
    world.images.clear_requests();
    world.program.handle(check).await.unwrap();
    world.images.requests().len()
}

#[tokio::test]
async fn check_is_skipped_when_the_schedule_has_requested_it_again() {
    let world = World::start().await;
    let (message, check) = requested(&world).await;
    assert_eq!(seconds(&message, &check), 60);
    assert!(requests(&world, &message).await > 0);
    world.clock.advance(Span::from_seconds(50));
    assert!(requests(&world, &message).await > 0, "it is the newest one");
    world.clock.advance(Span::from_seconds(11));
    assert_eq!(requests(&world, &message).await, 0);

    let push = FeedCheck {
        superseded_at: None,
        ..check
    };
    let push = Message {
        event: Event::FeedCheckRequested(push),
        ..message
    };
    world.clock.advance(Span::from_hours(3));
    assert!(requests(&world, &push).await > 0, "the push waited");
}

#[tokio::test]
async fn check_is_not_skipped_before_the_next_run() {
    let world = World::start().await;
    requested(&world).await;
    // The scheduler did not run for ten minutes.
    world.clock.advance(Span::from_minutes(9));
    let (message, check) = requested(&world).await;
    assert_eq!(seconds(&message, &check), 600);
}

#[tokio::test]
async fn check_is_not_skipped_within_its_interval() {
    let mut world = World::start().await;
    world.check_every(Span::from_minutes(5));
    for _ in 0..5 {
        let before = world.queue.log().len();
        world.clock.advance(Span::from_minutes(1));
        world.schedule(RunScope::Due).await.unwrap();
        for message in world.queue.log().split_off(before) {
            if let Event::FeedCheckRequested(check) = &message.event {
                assert_eq!(seconds(&message, check), 300);
            }
        }
    }
}
