//! Pauses after failures, and their lengths.

use domain::due::BackOff;
use domain::ids::SpaceId;
use engine::messages::Event;
use engine::ports::{Clock, FeedErrorKind, PauseKey, Pauses};

use super::answer::Answer;
use super::script::{Script, package_of};

const MISSING: FeedErrorKind = FeedErrorKind::NotFound;

/// The consecutive failures in the last `FeedCheckFailed`.
fn failures(script: &Script) -> u32 {
    match script.published().pop() {
        Some(Event::FeedCheckFailed(failure)) => failure.failures,
        other => panic!("no failure is published: {other:?}"),
    }
}

/// A check for another reason than the schedule, such as a push, ignores the pause.
#[tokio::test]
async fn successful_check_ends_the_pause_of_a_feed() {
    let script = Script::default();
    script
        .check(Answer::failed(FeedErrorKind::Unavailable))
        .await;
    let feed = PauseKey::Feed(SpaceId::new("Spaces-1"), package_of("Feeds-1").feed);
    let paused = script.store().pauses().await.unwrap();
    assert_eq!(paused.len(), 1);
    assert_eq!(paused[0].0, feed);
    script.check(["1.0.0"]).await;
    assert_eq!(script.store().pauses().await.unwrap(), []);
}

/// Feeds have packages of the same names: mirrors, and feeds of other spaces.
#[tokio::test]
async fn failures_of_a_package_of_another_feed_do_not_count() {
    let script = Script::default();
    let often = BackOff {
        failures: 7,
        since: Some(script.clock.now()),
        until: script.clock.now(),
        reason: "gone".to_owned(),
        throttled: false,
    };
    let mut elsewhere = package_of("Feeds-1");
    elsewhere.space = SpaceId::new("Spaces-2");
    for package in [package_of("Feeds-2"), elsewhere] {
        let key = PauseKey::Package(package);
        script.store().pause(&key, &often).await.unwrap();
    }
    for count in [1, 2] {
        script.check(Answer::failed(MISSING)).await;
        assert_eq!(failures(&script), count);
    }
}
