//! Octopus reports neither whether a release was made nor which exist: which evaluation may continue in the channel, and
//! when.

use domain::ledger::Entry;
use domain::time::{Span, Timestamp};
use engine::ports::{Clock, Ledger};
use engine::schedule::RunScope;
use flow::{LEASE, SHOP, World};
use octopus_server::{Body, Fault, FaultKind};

const NONE: [&str; 0] = [];

const RELEASE: &str = "0.0.2: web 1.1.0, cart 1.0.0, chart 1.0.0";

const INTERRUPTED: &str = "Created: created by an earlier attempt that was interrupted";

const SECONDS: Span = Span::from_seconds(5);

/// A push whose release meets this fault on creation, after which no release can be read.
async fn push_with_unknown_outcome(kind: FaultKind, slow: Span) -> World {
    let mut world = World::start().await;
    let (clock, faults, fuse) = (
        world.clock.clone(),
        world.octopus.faults(),
        world.fuse.clone(),
    );
    world.fuse.meanwhile("put lock#", move || {
        clock.advance(slow);
        fuse.meanwhile("create the release", move || {
            faults.push(Fault::once("/releases", kind).on("POST"));
            faults.push(Fault::always("/releases", FaultKind::Unavailable).on("GET"));
        });
    });
    world.push("acme/web", "1.1.0");
    world.run().await.unwrap();
    let failed = world.history(SHOP).await.remove(0);
    assert!(failed.starts_with("Failed: "), "{failed}");
    world.octopus.faults().clear();
    world
}

/// The expiry of the lock of the trigger's channel.
async fn channel_lock_expiry(world: &World) -> Timestamp {
    let channel_lock = world.channel_lock(SHOP).await;
    let entry = world.program.store().entry(&channel_lock).await.unwrap();
    match entry.entry {
        Some(Entry::Claimed { until, .. }) => until,
        other => panic!("the channel is not locked: {other:?}"),
    }
}

fn created(history: &[String]) -> usize {
    let created = history.iter().filter(|one| one.starts_with("Created"));
    created.count()
}

#[tokio::test]
async fn release_that_may_be_under_way_blocks_a_newer_one() {
    let mut world = push_with_unknown_outcome(FaultKind::ResetBefore, Span::default()).await;
    let now = world.clock.now();
    let back_at = world.back_at(SHOP).await.unwrap();
    let is_then = now + LEASE - SECONDS < back_at && back_at < now + LEASE;
    assert!(is_then, "{back_at}");

    world.push("acme/web", "1.2.0");
    world.minutes(3).await;
    assert_eq!(world.octopus.state().count("POST", "/releases"), 1);
    assert_eq!(world.releases("Shop"), NONE);
    world.clock.advance(LEASE);
    world.until_quiet().await.unwrap();
    let newer = RELEASE.replace("1.1.0", "1.2.0");
    assert_eq!(world.releases("Shop"), [newer]);
    assert_eq!(world.pauses().await, []);
}

/// Octopus reported that it was not made.
#[tokio::test]
async fn refused_release_unlocks_the_channel_although_none_can_be_read() {
    for (kind, minutes) in [
        (FaultKind::Unavailable, 2),
        (FaultKind::Status(400, Body::Json), 2),
    ] {
        let mut world = push_with_unknown_outcome(kind, Span::default()).await;
        world.minutes(minutes).await;
        assert_eq!(world.releases("Shop"), [RELEASE]);
        world.assert_settled().await;
    }
}

#[tokio::test]
async fn refused_release_is_recorded_with_its_findings() {
    let world =
        push_with_unknown_outcome(FaultKind::Status(400, Body::Json), Span::default()).await;
    let failed = world.evaluations(SHOP).await.remove(0);
    let latest = failed.findings.iter().map(|one| one.latest.as_deref());
    let latest: Vec<_> = latest.collect();
    assert_eq!(latest, [Some("1.1.0"), Some("1.0.0"), Some("1.0.0")]);
}

/// The evaluation that made it may be about to record it.
#[tokio::test]
async fn release_is_left_to_its_evaluation_until_the_lease_expires() {
    let mut world = push_with_unknown_outcome(FaultKind::ResetAfter, Span::default()).await;
    assert_eq!(world.releases("Shop"), [RELEASE]);
    world.schedule(RunScope::Everything).await.unwrap();
    world.deliver().await.unwrap();
    let history = world.history(SHOP).await;
    assert!(history[0].starts_with("Skipped: "), "{history:?}");

    world.clock.advance(LEASE);
    world.until_quiet().await.unwrap();
    let history = world.history(SHOP).await;
    assert!(history.iter().any(|one| one == INTERRUPTED), "{history:?}");
    assert_eq!(created(&history), 1);
    world.assert_settled().await;
}

/// The channel is locked before the plan is claimed, so its lease expires a little earlier.
#[tokio::test]
async fn next_evaluation_records_the_release_before_its_own() {
    let slow = Span::from_seconds(30);
    let mut world = push_with_unknown_outcome(FaultKind::ResetAfter, slow).await;
    let free = channel_lock_expiry(&world).await;
    world.push("acme/web", "1.2.0");
    let a_minute_before = free - Span::from_minutes(1) + SECONDS;
    world
        .clock
        .advance(a_minute_before.since(world.clock.now()));
    world.run().await.unwrap();
    assert_eq!(world.history(SHOP).await[0], INTERRUPTED);
    world.until_quiet().await.unwrap();
    let newer = "0.0.3: web 1.2.0, cart 1.0.0, chart 1.0.0";
    assert_eq!(world.releases("Shop"), [newer, RELEASE]);
    assert_eq!(created(&world.history(SHOP).await), 2);
    world.clock.advance(LEASE);
    world.until_quiet().await.unwrap();
    world.assert_settled().await;
}
