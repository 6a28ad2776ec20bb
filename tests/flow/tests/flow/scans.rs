//! `require.scan`, from a push to a release: the event of a finished scan releases the image at once.

use domain::metadata::SCAN_AGAIN;
use domain::options::{Options, Requirements, ScanLimit, VersionPolicy};
use domain::push::{EcrRepository, Ignored, PushEvent};
use domain::scan::Severity;
use domain::time::Span;
use engine::receive::{Confirmation, PushOutcome};
use flow::{Ecr, FILE, World, definition};

const NONE: [&str; 0] = [];

/// A world in which the scan of `acme/api:1.1.0` is not finished, and was just read.
async fn waiting() -> World {
    let mut world = World::with(|seed| {
        let project = &mut seed.spaces[0].projects[2];
        project.triggers.clear();
        project.steps[0].actions[0].packages[0].feed = Some("Ecr".to_owned());
    })
    .await;
    let policy = VersionPolicy {
        require: Requirements {
            scan: Some(ScanLimit {
                allow: Some(Severity::Medium),
                within: Some(Span::from_minutes(30)),
            }),
            ..Requirements::default()
        },
        ..VersionPolicy::default()
    };
    world
        .apply(vec![definition(Options::default(), policy)])
        .await;
    world.until_quiet().await.unwrap();
    world.push("acme/api", "1.1.0");
    world.run().await.unwrap();
    let history = world.history(FILE).await;
    assert!(
        history[0].contains("the scan is IN_PROGRESS"),
        "{history:?}"
    );
    assert_eq!(world.ecr.reads(), 1);
    world
}

/// Handles the event of a scan of `acme/api`, and what it causes.
async fn receive(world: &mut World, earlier: usize) -> (PushOutcome, Option<Span>) {
    let event = PushEvent::Scan(Ecr::event("acme/api"));
    let received = world.program.receive(&event, earlier).await.unwrap();
    world.deliver().await.unwrap();
    let Confirmation::Handled {
        outcome,
        again_after,
    } = received
    else {
        panic!("{received:?}");
    };
    (outcome, again_after)
}

#[tokio::test]
async fn finished_scan_releases_its_image_at_once() {
    let mut world = waiting().await;
    world.ecr.finish("acme/api:1.1.0", &[(Severity::Low, 3)]);
    world.clock.advance(Span::from_seconds(10));
    let received = receive(&mut world, 0).await;
    assert_eq!(received, (PushOutcome::Requested(1), None));
    assert_eq!(world.releases("Api"), ["0.0.2: - 1.1.0"]);
    let ignored = PushOutcome::Ignored(Ignored::ScanNotRequired {
        repository: "acme/api".to_owned(),
    });
    assert_eq!(receive(&mut world, 0).await, (ignored, None));
    assert_eq!(world.ecr.reads(), 1);
    world.minutes(30).await;
    assert_eq!(world.ecr.reads(), 0, "an unchanged check reads no scan");
    world.assert_settled().await;
}

#[tokio::test]
async fn finished_scan_with_severe_findings_refuses_its_image() {
    let mut world = waiting().await;
    world.ecr.finish("acme/api:1.1.0", &[(Severity::High, 1)]);
    world.clock.advance(Span::from_seconds(10));
    receive(&mut world, 0).await;
    assert_eq!(world.releases("Api"), NONE);
    let history = world.history(FILE).await;
    assert!(
        history[0].contains("its scan has findings above `medium`: 1 HIGH"),
        "{history:?}"
    );
}

/// The event arrives while the scan is being read, or just after: it may be newer than what was read.
#[tokio::test]
async fn event_just_after_a_read_is_handled_again() {
    let mut world = waiting().await;
    world.ecr.finish("acme/api:1.1.0", &[]);
    let received = receive(&mut world, 0).await;
    assert_eq!(received, (PushOutcome::Requested(0), Some(SCAN_AGAIN)));
    assert_eq!(world.ecr.reads(), 0);
    world.clock.advance(SCAN_AGAIN);
    let received = receive(&mut world, 1).await;
    assert_eq!(received, (PushOutcome::Requested(1), None));
    assert_eq!(world.releases("Api").len(), 1);
}

/// An index has up to 16 images, and each has an event.
#[tokio::test]
async fn many_events_lead_to_one_read() {
    let mut world = waiting().await;
    world.clock.advance(Span::from_seconds(10));
    for _ in 0..16 {
        receive(&mut world, 0).await;
    }
    assert_eq!(world.ecr.reads(), 1);
    let received = receive(&mut world, 1).await;
    assert_eq!(received, (PushOutcome::Requested(0), None), "never again");
    assert_eq!(world.releases("Api"), NONE);
}

#[tokio::test]
async fn scan_of_a_version_that_is_no_longer_selected_is_not_read() {
    let mut world = waiting().await;
    world.ecr.finish("acme/api:1.2.0", &[]);
    world.push("acme/api", "1.2.0");
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Api"), ["0.0.2: - 1.2.0"]);
    world.minutes(70).await;
    world.ecr.reads();
    let (outcome, _) = receive(&mut world, 0).await;
    assert!(matches!(outcome, PushOutcome::Ignored(_)), "{outcome:?}");
    assert_eq!(world.ecr.reads(), 0);
}

#[tokio::test]
async fn scan_that_no_trigger_requires_any_more_is_ignored() {
    let mut world = waiting().await;
    let limited = Options {
        quiet_period: Some(Span::from_hours(1)),
        ..Options::default()
    };
    let definition = definition(limited, VersionPolicy::default());
    world.apply(vec![definition]).await;
    world.minutes(6).await;
    world.ecr.reads();
    let (outcome, again_after) = receive(&mut world, 0).await;
    assert!(matches!(outcome, PushOutcome::Ignored(_)), "{outcome:?}");
    assert_eq!((again_after, world.ecr.reads()), (None, 0));
}

#[tokio::test]
async fn scan_that_concerns_no_waiting_release_is_ignored() {
    let world = waiting().await;
    let others = [
        (
            Ecr::event("acme/web"),
            "no trigger watches the repository acme/web",
        ),
        (
            EcrRepository {
                region: "eu-north-1".to_owned(),
                ..Ecr::event("acme/api")
            },
            "no watched ECR feed is the registry of account 111111111111 in eu-north-1",
        ),
    ];
    for (scanned, reason) in others {
        let received = world.program.receive(&PushEvent::Scan(scanned), 0).await;
        let received = received.unwrap();
        let Confirmation::Handled {
            outcome: PushOutcome::Ignored(ignored),
            again_after: None,
        } = received
        else {
            panic!("{received:?}");
        };
        assert_eq!(ignored.to_string(), reason);
    }
    assert_eq!(world.ecr.reads(), 0);
}
