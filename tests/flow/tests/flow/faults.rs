//! Bad input: each causes an error that names its subject and the remedy, is recorded, affects nothing else and is
//! retried.

use domain::time::Span;
use engine::messages::Event;
use engine::schedule::RunScope;
use flow::{API, SHOP, World};
use octopus_server::seed;
use registry_server::{Fault, FaultKind};

fn status(code: u16) -> FaultKind {
    FaultKind::Status(code, Vec::new(), "{}".to_owned())
}

/// Checks a push while the feed Images misbehaves for the image `acme/web`: the recorded reason, the releases of the other
/// projects, and the release after recovery.
async fn check_feed(kind: FaultKind, expected_text: &[&str]) {
    let mut world = World::start().await;
    world
        .images
        .fault(Fault::new("acme/web", usize::MAX, kind.clone()));
    world.push("acme/web", "1.1.0");
    world.charts.publish("shop", "1.1.0");
    world.mirror.push("acme/site", "1.1.0", "new");
    world.minutes(2).await;

    let failed = world.evaluations(SHOP).await;
    let failed = failed
        .iter()
        .find(|one| one.outcome.name() == "Failed")
        .unwrap();
    assert_eq!(failed.cause.to_string(), "check of feed Images", "{kind:?}");
    for text in ["Images", "acme/web"].iter().chain(expected_text) {
        assert!(
            failed.reason.contains(text),
            "{kind:?}: no {text:?} in: {}",
            failed.reason
        );
    }
    assert!(
        world.published(|event| matches!(event, Event::FeedCheckFailed(_))) >= 1,
        "{kind:?}"
    );
    // Readable packages are released, with the last known version of the unreadable one.
    assert_eq!(
        world.releases("Shop"),
        ["0.0.2: web 1.0.0, cart 1.0.0, chart 1.1.0"],
        "{kind:?}"
    );
    assert_eq!(world.releases("Site"), ["0.0.2: - 1.1.0"], "{kind:?}");

    world.images.clear_faults();
    world.minutes(16).await;
    assert_eq!(
        world.releases("Shop")[0],
        "0.0.3: web 1.1.0, cart 1.0.0, chart 1.1.0",
        "{kind:?}"
    );
    world.assert_settled().await;
}

#[tokio::test]
async fn feed_that_denies_access_is_reported_and_retried() {
    let challenge = (
        "WWW-Authenticate".to_owned(),
        "Basic realm=\"images\"".to_owned(),
    );
    check_feed(
        FaultKind::Status(401, vec![challenge], String::new()),
        &["credential"],
    )
    .await;
    check_feed(status(401), &["check the feed's URL"]).await;
    check_feed(status(403), &["credential"]).await;
    check_feed(status(404), &["check"]).await;
}

#[tokio::test]
async fn feed_with_a_malformed_answer_is_reported_and_retried() {
    check_feed(FaultKind::Html, &["web page", "check the feed's URL"]).await;
    check_feed(FaultKind::Truncate, &[]).await;
    check_feed(FaultKind::EmptyBody, &[]).await;
    check_feed(FaultKind::WrongTypes, &[]).await;
}

#[tokio::test]
async fn failing_feed_is_reported_and_retried() {
    check_feed(status(500), &["500"]).await;
    check_feed(FaultKind::Reset, &[]).await;
}

#[tokio::test]
async fn unreachable_feed_is_reported_and_retried() {
    let mut world = World::start().await;
    let images = world.images.url();
    world
        .octopus
        .state()
        .set_feed_uri("Images", "http://127.0.0.1:1")
        .unwrap();
    world.minutes(6).await;
    world.mirror.push("acme/site", "1.1.0", "new");
    world.push("acme/web", "1.1.0");
    world.minutes(1).await;
    let failed = world.history(SHOP).await.remove(0);
    assert!(
        failed.starts_with("Failed: ") && failed.contains("Images"),
        "{failed}"
    );
    assert!(failed.contains("http://127.0.0.1:1"), "{failed}");
    assert_eq!(world.releases("Site").len(), 1);

    world
        .octopus
        .state()
        .set_feed_uri("Images", &images)
        .unwrap();
    world.minutes(21).await;
    assert_eq!(world.releases("Shop").len(), 1);
    world.assert_settled().await;
}

#[tokio::test]
async fn chart_repository_with_half_an_index_is_reported_and_retried() {
    for kind in [
        FaultKind::Truncate,
        FaultKind::Html,
        FaultKind::EmptyBody,
        status(401),
    ] {
        let mut world = World::start().await;
        world.charts.fault(Fault::always(kind.clone()));
        world.charts.publish("shop", "1.1.0");
        world.push("acme/api", "1.1.0");
        world.minutes(2).await;
        let failed = world.evaluations(SHOP).await.remove(0);
        assert_eq!(failed.outcome.name(), "Failed", "{kind:?}");
        assert!(
            failed.reason.contains("Charts"),
            "{kind:?}: {}",
            failed.reason
        );
        assert_eq!(world.releases("Api").len(), 1, "{kind:?}");
        assert_eq!(world.releases("Shop").len(), 0, "{kind:?}");

        world.charts.clear_faults();
        world.minutes(16).await;
        assert_eq!(world.releases("Shop").len(), 1, "{kind:?}");
        world.assert_settled().await;
    }
}

#[tokio::test]
async fn repository_without_versions_blocks_the_trigger() {
    let mut world = World::start().await;
    world.images.delete_tag("acme/web", "1.0.0");
    // The second check confirms the loss.
    world.minutes(3).await;
    world.push("acme/cart", "1.1.0");
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Shop").len(), 0);
    assert_eq!(
        world.history(SHOP).await[0],
        "Skipped: the channel's rules permit no version of acme/web"
    );
}

#[tokio::test]
async fn feed_with_retry_after_is_paused() {
    let mut world = World::start().await;
    world
        .images
        .fault(Fault::always(FaultKind::TooManyRequests(Some(600))));
    world.push("acme/web", "1.1.0");
    world.push("acme/api", "1.1.0");
    world.mirror.push("acme/site", "1.1.0", "new");
    world.minutes(1).await;
    for trigger in [SHOP, API] {
        let failed = world.history(trigger).await.remove(0);
        assert!(
            failed.starts_with("Failed: ") && failed.contains("Images"),
            "{failed}"
        );
    }
    assert_eq!(world.releases("Site").len(), 1);

    world.images.clear_faults();
    world.images.clear_requests();
    world.minutes(8).await;
    world.schedule(RunScope::Everything).await.unwrap();
    world.deliver().await.unwrap();
    let repeated = world.queue.log();
    for message in repeated
        .iter()
        .filter(|one| matches!(one.event, Event::FeedCheckRequested(_)))
    {
        world.program.handle(message).await.unwrap();
    }
    assert_eq!(world.images.requests(), []);

    world.clock.advance(Span::from_minutes(2));
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Shop").len(), 1);
    assert_eq!(world.releases("Api").len(), 1);
    world.assert_settled().await;
}

#[tokio::test]
async fn wrong_api_key_is_reported_by_the_first_run() {
    let mut world = World::before_the_first_run(|_| {}).await;
    world.use_api_key("API-WRONG");
    let error = world.schedule(RunScope::Due).await.unwrap_err().to_string();
    assert!(error.contains("rejected the API key"), "{error}");
    assert!(error.contains("OCTOPUS_API_KEY"), "{error}");
    assert!(!error.contains("API-WRONG"), "{error}");
}

#[tokio::test]
async fn expired_api_key_keeps_the_last_list_and_is_reported() {
    let mut world = World::start().await;
    let key = world.octopus.api_key().to_owned();
    world.octopus.state().rotate_api_key("API-ANOTHER");
    world.push("acme/web", "1.1.0");
    world.minutes(2).await;
    let failed = world.history(SHOP).await.remove(0);
    assert!(
        failed.starts_with("Failed: ") && failed.contains("rejected the API key"),
        "{failed}"
    );
    world.clock.advance(Span::from_minutes(5));
    let report = world.schedule(RunScope::Due).await.unwrap();
    assert_eq!(report.list.triggers.len(), 3);
    assert!(
        report
            .stale
            .unwrap()
            .to_string()
            .contains("OCTOPUS_API_KEY")
    );
    world.deliver().await.unwrap();

    world.octopus.state().rotate_api_key(&key);
    world.minutes(16).await;
    assert_eq!(world.releases("Shop").len(), 1);
    world.assert_settled().await;
}

#[tokio::test]
async fn unknown_space_is_reported() {
    let mut world = World::before_the_first_run(|_| {}).await;
    world.use_spaces(&["Default", "Elsewhere"]);
    let error = world.schedule(RunScope::Due).await.unwrap_err().to_string();
    assert!(error.contains("Elsewhere"), "{error}");
}

#[tokio::test]
async fn disabled_project_waits_and_affects_nothing_else() {
    let mut world = World::start().await;
    world
        .octopus
        .state()
        .set_project_disabled("Shop", true)
        .unwrap();
    world.minutes(6).await;
    world.push("acme/web", "1.1.0");
    world.push("acme/api", "1.1.0");
    world.minutes(2).await;
    assert_eq!(
        world.history(SHOP).await[0],
        "Waiting: the project `Shop` is disabled; enable it, or remove the trigger"
    );
    assert_eq!(world.releases("Shop").len(), 0);
    assert_eq!(world.releases("Api").len(), 1);

    world
        .octopus
        .state()
        .set_project_disabled("Shop", false)
        .unwrap();
    world.minutes(7).await;
    assert_eq!(world.releases("Shop").len(), 1);
}

/// Checks the reason in the history of a trigger whose process has changed, while another one gets its release.
async fn check_source(change: fn(&mut seed::Project), expected_text: &str) {
    let mut world = World::with(|seed| change(&mut seed.spaces[0].projects[0])).await;
    world.push("acme/web", "1.1.0");
    world.push("acme/cart", "1.1.0");
    world.mirror.push("acme/site", "1.1.0", "new");
    world.until_quiet().await.unwrap();
    let waiting = world.history(SHOP).await.remove(0);
    assert!(
        waiting.starts_with("Waiting: ") && waiting.contains(expected_text),
        "{waiting}"
    );
    assert_eq!(world.releases("Shop").len(), 0);
    assert_eq!(world.releases("Site").len(), 1);
}

#[tokio::test]
async fn source_without_a_package_is_reported() {
    check_source(
        |project| project.steps[0].actions[0].slug = Some("renamed".to_owned()),
        "the source deploy-web:web does not resolve to a package: the process has no action `deploy-web`; choose the \
         source again",
    )
    .await;
    check_source(
        |project| "other".clone_into(&mut project.steps[0].actions[0].packages[0].name),
        "has no package reference `web`; choose the source again",
    )
    .await;
    check_source(
        |project| project.steps[0].actions[0].disabled = true,
        "the action `Deploy web` is disabled",
    )
    .await;
    check_source(
        |project| "#{Image}".clone_into(&mut project.steps[0].actions[0].packages[0].package_id),
        "depends on variables that have no value before a deployment",
    )
    .await;
    check_source(
        |project| project.steps[0].actions[0].packages[0].version = Some("1.0.0".to_owned()),
        "the process fixes `acme/web` to version 1.0.0",
    )
    .await;
}

#[tokio::test]
async fn source_that_is_selected_again_is_followed() {
    let mut world = World::with(|seed| {
        seed.spaces[0].projects[0].steps[0].actions[0].slug = Some("renamed".to_owned());
    })
    .await;
    world.push("acme/web", "1.1.0");
    world.until_quiet().await.unwrap();
    assert!(world.history(SHOP).await[0].starts_with("Waiting: "));
    world
        .edit_trigger(SHOP, |trigger| {
            trigger["Filter"]["Packages"][0]["DeploymentActionSlug"] = "renamed".into();
        })
        .await;
    world.minutes(7).await;
    assert_eq!(world.releases("Shop").len(), 1);
}
