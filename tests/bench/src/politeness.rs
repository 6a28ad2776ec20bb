//! P12: how many requests are sent before a `Retry-After` ends.
//!
//! Two feeds have one host, which answers one of them with a `Retry-After` of ten minutes. Until then, each
//! minute has everything that starts a check: the schedule, a full scheduler run as of `--once`, a push,
//! repeated messages, and a restarted process.

use anyhow::{Context, ensure};
use domain::cause::CheckCause;
use domain::time::Span;
use engine::messages::{Event, FeedCheck, Message, Origin};
use engine::ports::{Clock, WatchLists};
use engine::schedule::RunScope;
use flow::World;
use registry_server::{Fault, FaultKind};

/// In seconds; the minutes in which it lasts are one less than its own.
const PAUSE: u64 = 600;
const MINUTES: usize = 9;

/// How many of the messages so far are repeated each minute.
const AGAIN: usize = 6;

/// Prints the figure, the attempts during the pause, and the requests after it.
pub(crate) async fn measure() -> anyhow::Result<()> {
    let mut world = one_host().await;
    let fault = FaultKind::TooManyRequests(Some(PAUSE));
    world.images.fault(Fault::new("", 1, fault));
    world.run().await.ok().context("the first scheduler run")?;
    let with_the_answer = asked(&world);
    let (mut attempts, mut early) = (0, 0);
    for minute in 0..MINUTES {
        if minute % 3 == 2 {
            world.restart();
        }
        attempts += press(&mut world).await?;
        early += asked(&world);
    }
    world.clock.advance(Span::from_minutes(1));
    world.minutes(2).await;
    let after = asked(&world);
    ensure!(after > 0, "nothing is read after the pause");
    let line = serde_json::json!({
        "figure": "P12",
        "attempts": attempts,
        "sentTooEarly": early,
        "sentWithTheThrottledRequest": with_the_answer.saturating_sub(1),
        "sentAfterwards": after,
    });
    println!("{line}");
    Ok(())
}

/// A world in which the feed Mirror is at the same host as the feed Images.
async fn one_host() -> World {
    let mut world = World::before_the_first_run(|seed| {
        let images = seed.spaces[0].feeds[0].uri.clone();
        seed.spaces[0].feeds[1].uri = images;
    })
    .await;
    world.push("acme/site", "1.0.0");
    world.minutes(4).await;
    world.images.clear_requests();
    world
}

fn asked(world: &World) -> usize {
    let asked = world.images.requests().len();
    world.images.clear_requests();
    asked
}

/// Does everything that starts a check. Returns how many checks of the host were tried.
async fn press(world: &mut World) -> anyhow::Result<usize> {
    world.run().await.ok().context("a scheduler run")?;
    world.schedule(RunScope::Everything).await?;
    world.deliver().await.ok().context("a full scheduler run")?;
    let log = world.queue.log();
    let host = world.images.url();
    let of_host = |message: &&Message| match &message.event {
        Event::FeedCheckRequested(check) => check.feed.uri.as_ref() == Some(&host),
        _ => false,
    };
    let again: Vec<_> = log.iter().rev().filter(of_host).take(AGAIN).collect();
    let pushes = pushes(world, &host).await?;
    for message in again.iter().copied().chain(&pushes) {
        world.program.handle(message).await?;
    }
    Ok(again.len() + pushes.len())
}

/// For each package of the host, the message that a push results in.
async fn pushes(world: &World, host: &String) -> anyhow::Result<Vec<Message>> {
    let stored = world.program.store().watch_list().await?;
    let list = stored.context("there is no watch list")?.list;
    let mut messages = Vec::new();
    for ((space, id), packages) in list.packages_by_feed() {
        let feed = list.feed(&space, &id);
        let Some(feed) = feed.filter(|feed| feed.uri.as_ref() == Some(host)) else {
            continue;
        };
        for key in packages {
            let check = FeedCheck {
                feed: feed.clone(),
                packages: vec![key.package],
                retrying: Vec::new(),
                details: std::collections::BTreeMap::new(),
                feed_retrying: false,
                cause: CheckCause::Push,
                superseded_at: None,
            };
            let event = Event::FeedCheckRequested(check);
            let origin = Origin::new(&["push"]);
            messages.push(Message::new(&origin, event, &["push"], world.clock.now()));
        }
    }
    Ok(messages)
}
