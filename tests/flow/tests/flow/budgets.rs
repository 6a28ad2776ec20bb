//! A pause that a host requests of one feed applies to all feeds that share its budget, in every process.

use domain::budget::BudgetKey;
use domain::time::Span;
use engine::messages::{Event, Message};
use engine::ports::Budgets;
use engine::schedule::RunScope;
use feeds::{DirectFeeds, Limits, NoCredentials, OutboundClient};
use flow::{SITE, World};
use operator::probe::{Probe, Probed};
use registry_server::{Fault, FaultKind};

/// A world in which the feed Mirror is at the same host as the feed Images.
async fn one_host() -> World {
    let mut world = World::before_the_first_run(|seed| {
        let images = seed.spaces[0].feeds[0].uri.clone();
        seed.spaces[0].feeds[1].uri = images;
    })
    .await;
    world.push("acme/site", "1.0.0");
    world.until_quiet().await.unwrap();
    world.images.clear_requests();
    world
}

fn asked(world: &World) -> usize {
    let asked = world.images.requests().len();
    world.images.clear_requests();
    asked
}

/// Everything that requests a check: the schedule, a full run, a repeated message, a push.
async fn press(world: &mut World) {
    world.run().await.unwrap();
    world.schedule(RunScope::Everything).await.unwrap();
    world.deliver().await.unwrap();
    let log = world.queue.log();
    let of_host = |message: &&Message| match &message.event {
        Event::FeedCheckRequested(check) => check.feed.uri == Some(world.images.url()),
        _ => false,
    };
    for check in log.iter().rev().filter(of_host).take(6) {
        world.program.handle(check).await.unwrap();
    }
}

#[tokio::test]
async fn retry_after_of_one_feed_pauses_its_whole_budget() {
    let mut world = one_host().await;
    let pause = FaultKind::TooManyRequests(Some(600));
    world.images.fault(Fault::new("/acme/site/", 1, pause));
    world.run().await.unwrap();
    let history = world.history(SITE).await;
    let reported = |entry: &String| entry.contains("429") && entry.contains("; throttled until 20");
    assert!(history.iter().any(reported), "{history:?}");
    asked(&world);

    for minute in 1..=9 {
        // Other instances know of it too.
        if minute % 3 == 0 {
            world.restart();
        }
        press(&mut world).await;
        assert_eq!(asked(&world), 0, "minute {minute}");
    }
    let restraints = world.program.store().restraints().await.unwrap();
    let until = restraints.budgets[&BudgetKey::Anonymous {
        origin: world.images.url(),
    }]
        .throttled_until(engine::ports::Clock::now(&world.clock));
    assert!(until.is_some());

    world.clock.advance(Span::from_minutes(1));
    world.minutes(2).await;
    assert!(asked(&world) >= 4, "all of it is read again");
    let restraints = world.program.store().restraints().await.unwrap();
    assert!(restraints.budgets.is_empty(), "{restraints:?}");
    world.assert_settled().await;
}

#[tokio::test]
async fn throttling_without_retry_after_pauses_the_budget_longer_each_time() {
    let mut world = one_host().await;
    world
        .images
        .fault(Fault::always(FaultKind::TooManyRequests(None)));
    let mut minutes = Vec::new();
    for minute in 1..=34 {
        press(&mut world).await;
        if asked(&world) > 0 {
            minutes.push(minute);
        }
    }
    assert_eq!(minutes, [1, 2, 4, 8, 16, 31]);
}

#[tokio::test]
async fn throttled_host_leaves_other_hosts_unaffected() {
    let mut world = World::start().await;
    world
        .images
        .fault(Fault::always(FaultKind::TooManyRequests(Some(600))));
    world.run().await.unwrap();
    world.mirror.push("acme/site", "1.1.0", "new");
    world.minutes(2).await;
    assert_eq!(world.releases("Site").len(), 1);
}

/// The rows written in the hour of the quota, except its last minute.
async fn puts_in_an_hour(world: &mut World) -> usize {
    world.table.take_calls();
    world.minutes(58).await;
    world.table.take_calls().puts
}

#[tokio::test]
async fn quota_too_small_is_spread_until_it_is_reset() {
    let mut world = one_host().await;
    let headers = [
        ("RateLimit-Limit", "100"),
        ("RateLimit-Remaining", "40"),
        ("RateLimit-Reset", "3600"),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    // Every repository is unchanged.
    let body = r#"{"name":"any","tags":["1.0.0"]}"#.to_owned();
    let low = FaultKind::Status(200, headers.into(), body);
    world.images.fault(Fault::always(low));
    world.minutes(1).await;
    asked(&world);

    let puts = puts_in_an_hour(&mut world).await;
    let asked_in_an_hour = asked(&world);
    // Four packages: ten checks use the forty remaining requests.
    assert!((32..=40).contains(&asked_in_an_hour), "{asked_in_an_hour}");
    let mut usual = one_host().await;
    usual.minutes(1).await;
    assert_eq!(puts, puts_in_an_hour(&mut usual).await, "it writes no more");

    world.images.clear_faults();
    world.minutes(2).await;
    asked(&world);
    world.minutes(5).await;
    assert_eq!(asked(&world), 5 * 4, "as usual");
    let restraints = world.program.store().restraints().await.unwrap();
    assert!(restraints.budgets.is_empty(), "{restraints:?}");
}

#[tokio::test]
async fn probe_respects_a_pause_and_stores_a_new_one() {
    let mut world = one_host().await;
    let store = world.program.store();
    let list = engine::ports::WatchLists::watch_list(store).await;
    let list = list.unwrap().unwrap().list;
    let feed = list
        .feeds
        .iter()
        .find(|feed| feed.name == "Images")
        .unwrap();
    let packages = [domain::ids::PackageId::new("acme/web")];
    let http = OutboundClient::new("127.0.0.1/32".parse().unwrap()).unwrap();
    let reader = engine::routed::Routed {
        direct: DirectFeeds::new(http, NoCredentials, Limits::default()),
        octopus: DirectFeeds::new(
            OutboundClient::new(Default::default()).unwrap(),
            NoCredentials,
            Limits::default(),
        ),
        access: domain::feed::Access::default(),
    };
    let probe = Probe {
        store: Some(store),
        reader: &reader,
        clock: &world.clock,
    };
    let before = world.table.rows();
    let Probed::Answered(answer, _) = probe.run(feed, &packages).await.unwrap() else {
        panic!("nothing forbids it");
    };
    assert!(answer.readings[0].is_ok());
    assert_eq!((answer.requests, asked(&world)), (1, 1));
    assert_eq!(world.table.rows(), before, "nothing is kept");

    let pause = FaultKind::TooManyRequests(Some(600));
    world.images.fault(Fault::new("", 1, pause));
    let probed = probe.run(feed, &packages).await.unwrap();
    assert!(matches!(probed, Probed::Answered(answer, _) if answer.readings[0].is_err()));
    asked(&world);
    let probed = probe.run(feed, &packages).await.unwrap();
    assert!(matches!(probed, Probed::Throttled(_)), "{probed:?}");
    press(&mut world).await;
    assert_eq!(asked(&world), 0);
}
