//! Claims of another invocation, and claims that cannot be released.

use domain::ledger::{Entry, Owner};
use domain::time::Span;
use engine::messages::{Event, Message};
use engine::ports::{Clock, Ledger};
use engine::schedule::RunScope;
use flow::{LEASE, SHOP, World};

const RELEASE: &str = "0.0.2: web 1.1.0, cart 1.0.0, chart 1.0.0";

#[tokio::test]
async fn locked_channel_is_evaluated_again_after_the_lease() {
    let mut world = World::start().await;
    let until = world.clock.now() + Span::from_minutes(1) + Span::from_seconds(5);
    let claimed = Entry::Claimed {
        owner: Owner("another invocation".to_owned()),
        until,
        unsettled: None,
        plan: None,
        number: None,
    };
    let channel_lock = world.channel_lock(SHOP).await;
    let store = world.program.store();
    store
        .put(&channel_lock, &claimed, None, until)
        .await
        .unwrap();
    world.push("acme/web", "1.1.0");
    world.run().await.unwrap();
    let waiting = "Waiting: another evaluation is creating a release in this channel";
    assert_eq!(world.history(SHOP).await[0], waiting);
    assert_eq!(world.back_at(SHOP).await, Some(until));
    world.minutes(1).await;
    assert_eq!(world.releases("Shop"), [RELEASE]);
    world.assert_settled().await;
}

/// A push, and the announcement of it.
async fn announced(world: &mut World) -> Message {
    world.push("acme/web", "1.1.0");
    let before = world.queue.log().len();
    world.schedule(RunScope::Everything).await.unwrap();
    for message in world.queue.log().split_off(before) {
        if let Event::FeedCheckRequested(_) = message.event {
            world.program.handle(&message).await.unwrap();
        }
    }
    world.queue.log().pop().unwrap()
}

/// The message is redelivered, and reaches the dead-letter queue if that does not help.
#[tokio::test]
async fn evaluation_that_cannot_finish_its_release_fails() {
    for write in ["put plan#", "put lock#"] {
        let mut world = World::start().await;
        let announcement = announced(&mut world).await;
        let fuse = world.fuse.clone();
        world
            .fuse
            .meanwhile("create the release", move || fuse.refuse(write));
        let failed = world.program.handle(&announcement).await.unwrap_err();
        let reported = engine::with_causes(&failed);
        assert!(reported.contains("it is too busy"), "{reported}");

        world.program.handle(&announcement).await.unwrap();
        world.clock.advance(LEASE);
        world.until_quiet().await.unwrap();
        assert_eq!(world.releases("Shop"), [RELEASE]);
        world.assert_settled().await;
    }
}
