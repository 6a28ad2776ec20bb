//! Triggers that cannot be evaluated are told of, once.

use domain::time::Span;
use engine::messages::Event;
use engine::schedule::Round;
use flow::World;

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
    let report = world.schedule(Round::Everything).await.unwrap();
    assert_eq!(report.stalled, Some(0));
    assert_eq!(told(&world), 3);
}
