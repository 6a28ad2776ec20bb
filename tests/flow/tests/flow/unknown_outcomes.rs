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
async fn push_with_unknown_outcome(kind: FaultKind) -> World {
    let mut world = World::start().await;
    let faults = world.octopus.faults();
    world.fuse.meanwhile("create the release", move || {
        faults.push(Fault::once("/releases", kind).on("POST"));
        faults.push(Fault::always("/releases", FaultKind::Unavailable).on("GET"));
    });
    world.push("acme/web", "1.1.0");
    world.run().await.unwrap();
    let failed = world.history(SHOP).await.remove(0);
    assert!(failed.starts_with("Failed: "), "{failed}");
    world.octopus.faults().clear();
    world
}

/// The process crashes after it has created the release, and its message is lost.
async fn crash_after_creation(world: &mut World) {
    world.fuse.crash_after("create the release");
    world.run().await.unwrap_err();
    world.queue.lose();
    world.restart();
}

/// The claim of the lock of the trigger's channel.
async fn channel_lock(world: &World) -> Entry {
    let channel_lock = world.channel_lock(SHOP).await;
    let entry = world.program.store().entry(&channel_lock).await.unwrap();
    entry.entry.unwrap()
}

/// The expiry of the lock of the trigger's channel.
async fn channel_lock_expiry(world: &World) -> Timestamp {
    match channel_lock(world).await {
        Entry::Claimed { until, .. } => until,
        other => panic!("the channel is not locked: {other:?}"),
    }
}

fn created(history: &[String]) -> usize {
    let created = history.iter().filter(|one| one.starts_with("Created"));
    created.count()
}

#[tokio::test]
async fn release_that_may_be_under_way_blocks_a_newer_one() {
    let mut world = push_with_unknown_outcome(FaultKind::ResetBefore).await;
    world.push("acme/web", "1.2.0");
    world.schedule(RunScope::Everything).await.unwrap();
    world.deliver().await.unwrap();
    world.minutes(2).await;
    assert_eq!(world.octopus.state().count("POST", "/releases"), 1);
    assert_eq!(world.releases("Shop"), NONE);
    world.clock.advance(LEASE);
    world.until_quiet().await.unwrap();
    let newer = RELEASE.replace("1.1.0", "1.2.0");
    assert_eq!(world.releases("Shop"), [newer]);
    assert_eq!(world.pauses().await, []);
}

/// The project can have only one release with its number, so nothing is lost by another request.
#[tokio::test]
async fn numbered_release_without_known_result_is_requested_again_by_the_next_run() {
    for kind in [FaultKind::ResetBefore, FaultKind::ResetAfter] {
        let mut world = push_with_unknown_outcome(kind).await;
        let soon = world.clock.now() + Span::from_seconds(20);
        assert!(world.back_at(SHOP).await.unwrap() <= soon);
        world.run().await.unwrap();
        assert_eq!(world.releases("Shop"), [RELEASE]);
        assert_eq!(created(&world.history(SHOP).await), 1);
        world.until_quiet().await.unwrap();
        world.assert_settled().await;
    }
}

/// The requests that Octopus refuses meanwhile do not show what became of the first one.
#[tokio::test]
async fn lost_result_stays_unknown_while_octopus_refuses_requests() {
    let mut world = push_with_unknown_outcome(FaultKind::ResetBefore).await;
    let faults = world.octopus.faults();
    faults.push(Fault::always("/releases", FaultKind::Unavailable).on("POST"));
    world.run().await.unwrap();
    let failed = world.history(SHOP).await.remove(0);
    assert!(failed.starts_with("Failed: "), "{failed}");
    let entry = channel_lock(&world).await;
    assert!(
        matches!(
            &entry,
            Entry::Claimed {
                unsettled: Some(_),
                ..
            }
        ),
        "{entry:?}"
    );
    faults.clear();
    world.minutes(3).await;
    assert_eq!(world.releases("Shop"), [RELEASE]);
    world.assert_settled().await;
}

/// Octopus reported that it was not made.
#[tokio::test]
async fn refused_release_unlocks_the_channel_although_none_can_be_read() {
    for (kind, minutes) in [
        (FaultKind::Unavailable, 2),
        (FaultKind::Status(400, Body::Json), 2),
    ] {
        let mut world = push_with_unknown_outcome(kind).await;
        world.minutes(minutes).await;
        assert_eq!(world.releases("Shop"), [RELEASE]);
        world.assert_settled().await;
    }
}

#[tokio::test]
async fn refused_release_is_recorded_with_its_findings() {
    let world = push_with_unknown_outcome(FaultKind::Status(400, Body::Json)).await;
    let failed = world.evaluations(SHOP).await.remove(0);
    let latest = failed.findings.iter().map(|one| one.latest.as_deref());
    let latest: Vec<_> = latest.collect();
    assert_eq!(latest, [Some("1.1.0"), Some("1.0.0"), Some("1.0.0")]);
}

/// The evaluation that made it may be about to record it.
#[tokio::test]
async fn release_is_left_to_its_evaluation_until_the_lease_expires() {
    let mut world = World::start().await;
    world.push("acme/web", "1.1.0");
    crash_after_creation(&mut world).await;
    assert_eq!(world.releases("Shop"), [RELEASE]);
    world.schedule(RunScope::Everything).await.unwrap();
    world.deliver().await.unwrap();
    let history = world.history(SHOP).await;
    assert!(history[0].starts_with("Skipped: "), "{history:?}");

    world.clock.advance(Span::from_hours(1));
    world.until_quiet().await.unwrap();
    let history = world.history(SHOP).await;
    assert!(history.iter().any(|one| one == INTERRUPTED), "{history:?}");
    assert_eq!(created(&history), 1);
    world.assert_settled().await;
}

/// The channel is locked before the plan is claimed, so its lease expires a little earlier.
#[tokio::test]
async fn next_evaluation_records_the_release_before_its_own() {
    let mut world = World::start().await;
    let clock = world.clock.clone();
    world
        .fuse
        .meanwhile("put lock#", move || clock.advance(Span::from_seconds(30)));
    world.push("acme/web", "1.1.0");
    crash_after_creation(&mut world).await;
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
