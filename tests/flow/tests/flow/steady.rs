//! The cost of a scheduler run without changes, and the check that a push to ECR requests.

use domain::push::{EcrPush, PushEvent};
use engine::messages::{Event, Message};
use engine::receive::{Confirmation, PushOutcome};
use engine::schedule::RunScope;
use flow::World;
use registry_server::Imitation;

async fn checks(world: &World) -> Vec<Message> {
    let before = world.queue.log().len();
    world.schedule(RunScope::Everything).await.unwrap();
    let mut messages = world.queue.log().split_off(before);
    messages.retain(|message| matches!(message.event, Event::FeedCheckRequested(_)));
    messages
}

#[tokio::test]
async fn an_unchanged_feed_costs_one_read_and_no_write() {
    let world = World::start().await;
    let checks = checks(&world).await;
    assert_eq!(checks.len(), 3);
    for check in checks {
        let before = world.queue.log().len();
        world.table.take_calls();
        world.program.handle(&check).await.unwrap();
        let calls = world.table.take_calls();
        assert_eq!(
            (calls.gets, calls.queries, calls.puts, calls.deletes),
            (1, 0, 0, 0)
        );
        assert_eq!(world.queue.log().len(), before, "nothing is announced");
    }
}

/// The same tags in other bytes are compared and not stored again.
#[tokio::test]
async fn an_unchanged_feed_that_shuffles_its_tags_costs_no_write() {
    let world = World::start().await;
    world.images.imitate(Imitation::Ecr);
    for check in checks(&world).await {
        world.table.take_calls();
        world.program.handle(&check).await.unwrap();
        let calls = world.table.take_calls();
        assert_eq!((calls.puts, calls.deletes), (0, 0));
    }
}

#[tokio::test]
async fn many_packages_of_a_feed_are_one_request() {
    let world = World::start().await;
    world.images.clear_requests();
    for check in checks(&world).await {
        world.program.handle(&check).await.unwrap();
    }
    let asked: Vec<_> = world
        .images
        .requests()
        .into_iter()
        .map(|(_, path, _)| path)
        .collect();
    assert_eq!(
        asked.len(),
        3,
        "one page for each of three images: {asked:?}"
    );
}

#[tokio::test]
async fn push_to_an_unwatched_registry_requests_nothing() {
    let world = World::start().await;
    let push = EcrPush {
        account: "111111111111".to_owned(),
        region: "eu-west-1".to_owned(),
        repository: "acme/web".to_owned(),
        tag: Some("1.1.0".to_owned()),
        action: "PUSH".to_owned(),
        result: "SUCCESS".to_owned(),
    };
    let before = world.queue.log().len();
    let received = world.program.receive(&PushEvent::Ecr(push), 0).await;
    let received = received.unwrap();
    let Confirmation::Handled {
        outcome: PushOutcome::Ignored(reason),
        ..
    } = received
    else {
        panic!("{received:?}");
    };
    assert_eq!(
        reason.to_string(),
        "no watched ECR feed is the registry of account 111111111111 in eu-west-1"
    );
    assert_eq!(world.queue.log().len(), before);
}
