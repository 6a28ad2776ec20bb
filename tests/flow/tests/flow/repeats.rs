//! Every message may be delivered again, in any order, and concurrently.

use engine::messages::{Event, Message};
use engine::schedule::RunScope;
use flow::{SHOP, World};
use futures_util::future::join_all;

const RELEASE: [&str; 1] = ["0.0.2: web 1.1.0, cart 1.0.0, chart 1.0.0"];

/// A world in which a push has become a release, and every message since the push.
async fn released() -> (World, Vec<Message>) {
    let mut world = World::start().await;
    let before = world.queue.log().len();
    world.push("acme/web", "1.1.0");
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Shop"), RELEASE);
    let messages = world.queue.log().split_off(before);
    (world, messages)
}

fn thrice(messages: &[Message]) -> impl Iterator<Item = &Message> {
    messages.iter().cycle().take(messages.len() * 3)
}

async fn handle(world: &World, message: &Message) {
    world.program.handle(message).await.unwrap();
}

#[tokio::test]
async fn repeats_make_no_second_release() {
    let (mut world, messages) = released().await;
    for message in messages.iter().chain(messages.iter().rev()) {
        handle(&world, message).await;
    }
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Shop"), RELEASE);
    world.assert_settled().await;
}

#[tokio::test]
async fn repeats_after_a_restart_make_no_second_release() {
    let (mut world, messages) = released().await;
    world.restart();
    for message in messages.iter().rev() {
        handle(&world, message).await;
    }
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Shop"), RELEASE);
}

#[tokio::test]
async fn an_announcement_that_many_handle_at_once_makes_one_release() {
    let mut world = World::start().await;
    world.push("acme/web", "1.1.0");
    let requested = world.queue.log().len();
    world.schedule(RunScope::Everything).await.unwrap();
    let requests = world.queue.log().split_off(requested);
    // Checks and evaluations, each by three at once; then what they announce, by three at once.
    join_all(thrice(&requests).map(|message| handle(&world, message))).await;
    let announcements = world.queue.log().split_off(requested + requests.len());
    join_all(thrice(&announcements).map(|message| handle(&world, message))).await;
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Shop"), RELEASE);
    assert_eq!(
        world
            .history(SHOP)
            .await
            .iter()
            .filter(|one| one.starts_with("Created"))
            .count(),
        1
    );
    world.assert_settled().await;
}

/// Each of the two sees one half of what is new; the server chooses the rest of the release.
#[tokio::test]
async fn two_triggers_of_a_channel_make_their_releases_one_after_another() {
    let mut world = World::with(|seed| {
        let triggers = &mut seed.spaces[0].projects[0].triggers;
        let mut cart = triggers[0].clone();
        cart.id = Some("ProjectTriggers-9".to_owned());
        cart.name = "New cart".to_owned();
        cart.packages.remove(0);
        triggers[0].packages.truncate(1);
        triggers.push(cart);
    })
    .await;
    world.push("acme/web", "1.1.0");
    world.push("acme/cart", "1.1.0");
    let requested = world.queue.log().len();
    world.schedule(RunScope::Everything).await.unwrap();
    let requests = world.queue.log().split_off(requested);
    for request in requests
        .iter()
        .filter(|one| matches!(one.event, Event::FeedCheckRequested(_)))
    {
        handle(&world, request).await;
    }
    let announcements = world.queue.log().split_off(requested + requests.len());
    assert_eq!(announcements.len(), 2);
    join_all(announcements.iter().map(|message| handle(&world, message))).await;
    world.until_quiet().await.unwrap();
    assert_eq!(
        world.releases("Shop"),
        ["0.0.2: web 1.1.0, cart 1.1.0, chart 1.0.0"]
    );
    for trigger in [SHOP, "ProjectTriggers-9"] {
        let history = world.history(trigger).await;
        assert!(
            !history.iter().any(|one| one.starts_with("Failed")),
            "{history:?}"
        );
    }
    world.assert_settled().await;
}
