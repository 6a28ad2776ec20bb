//! A trigger that waits for something that does not happen on its own is an error in every view.

use octopus_server::{Body, Fault, FaultKind};
use serde_json::Value;

use crate::doctor::verdict;
use crate::world::World;

/// A project with one trigger, run by feedctl, for the image `acme/web`.
const SEED: &str = r##"
users: [{ username: bot, is_service: true, api_keys: [API-BOT] }]
spaces:
  - name: Default
    environments: [{ name: Dev }]
    lifecycles: [{ name: Usual, phases: [{ name: Dev, optional: [Dev] }] }]
    feeds: [{ name: Images, type: Docker, uri: "REGISTRY" }]
    projects:
      - name: Web Shop
        VERSIONING
        channels: [{ name: Stable, is_default: true CHANNEL }]
        steps: [{ name: Deploy, actions: [{ name: Deploy web, DISABLED packages: [{ name: REFERENCE, package_id: acme/web, feed: FEED }] }, { name: Other, disabled: true, packages: [{ package_id: acme/other, feed: Images }] }] }]
        triggers:
          - { name: New web, is_disabled: true, description: "#feed-triggers", packages: [{ action_slug: ACTION, package_reference: "web" }] }
"##;

/// The seed with one part changed.
fn seed(part: &str, text: &str) -> String {
    let parts = [
        ("VERSIONING", ""),
        ("CHANNEL", ""),
        ("DISABLED", ""),
        ("REFERENCE", "web"),
        ("FEED", "Images"),
        ("ACTION", "deploy-web"),
    ];
    let parts = parts.map(|(name, usual)| (name, if name == part { text } else { usual }));
    parts
        .into_iter()
        .fold(SEED.to_owned(), |seed, (name, text)| {
            seed.replace(name, text)
        })
}

/// The trigger is an error with this code and text in every view of feedctl.
async fn is_error_everywhere(world: &World, code: &str, text: &str) {
    let run = world.json(3, &["run", "--once"]).await;
    let reason = &run["Evaluations"][0]["Reason"];
    assert_eq!(reason["Code"], code, "{run:#}");
    assert_eq!(reason["IsError"], true, "{run:#}");

    let findings = world.json(3, &["doctor"]).await;
    let finding = verdict(&findings, "New web");
    assert_eq!(finding["Verdict"], "error", "{finding}");
    assert!(
        finding["Result"].as_str().unwrap().contains(text),
        "{finding}"
    );

    let failing = ["triggers", "list", "--status", "failing"];
    let listed = world.json(0, &failing).await;
    let status = world.json(0, &["status"]).await;
    for trigger in [&listed[0], &status["Triggers"][0]] {
        assert!(
            trigger["Error"].as_str().unwrap().contains(text),
            "{trigger:#}"
        );
    }
    let history = world.json(0, &["history"]).await;
    assert_eq!(history[0]["Reason"]["Code"], code, "{history:#}");
    let message = history[0]["Reason"]["Message"].as_str().unwrap();
    assert!(message.contains(text), "{message}");
    for arguments in [["history"].as_slice(), &["status"], &["triggers", "list"]] {
        let shown = world.prints(0, arguments).await;
        assert!(shown.contains(text), "{arguments:?}: {shown}");
    }
    world.prints(3, &["evaluate", "New web"]).await;
}

#[tokio::test]
async fn trigger_that_waits_for_a_correction_is_an_error_everywhere() {
    for (part, changed, code, text) in [
        ("DISABLED", "disabled: true,", "Unresolved", "is disabled"),
        ("ACTION", "deploy-gone", "Unresolved", "deploy-gone"),
        ("REFERENCE", "renamed", "Unresolved", "web"),
        (
            "CHANNEL",
            ", custom_fields: [Approval]",
            "MissingField",
            "requires the custom field `Approval`",
        ),
        (
            "VERSIONING",
            "versioning: { donor: { action: Other } }",
            "NoNumber",
            "the project numbers releases by the package of `Other`",
        ),
        (
            "CHANNEL",
            ", rules: [{ range: '[1.0', packages: [{ action: Deploy web, package: web }] }]",
            "InvalidRule",
            "cannot apply the channel's rule for acme/web",
        ),
    ] {
        let world = World::of(&seed(part, changed)).await;
        is_error_everywhere(&world, code, text).await;
    }
}

#[tokio::test]
async fn trigger_whose_creation_always_fails_is_an_error_everywhere() {
    let world = World::of(&seed("", "")).await;
    let broken = Fault::always("/releases", FaultKind::Status(500, Body::Json));
    world.octopus.faults().push(broken.on("POST"));
    is_error_everywhere(&world, "ResultUnknown", "answered 500").await;
}

#[tokio::test]
async fn decision_in_json_has_codes_times_and_ids() {
    let world = World::of(&seed("", "")).await;
    world.prints(0, &["run", "--once", "--dry-run"]).await;
    let explained = world.json(0, &["explain", "New web"]).await;
    assert_eq!(explained["Decision"], "Create");
    let reason = &explained["Reason"];
    assert_eq!(reason["Code"], "First");
    assert_eq!(reason["Values"]["Package"], "acme/web");
    assert_eq!(reason["Values"]["Version"], "2.0.0");
    assert_eq!(
        explained["Sources"][0]["Source"]["ActionSlug"],
        "deploy-web"
    );

    let listed = world.json(0, &["triggers", "list"]).await;
    let trigger = &listed[0];
    assert_eq!(trigger["Sources"][0]["PackageId"], "acme/web");
    assert_eq!(trigger["Sources"][0]["FeedName"], "Images");
    assert_eq!(trigger["Options"]["When"], "Any");
    assert_eq!(trigger["Options"]["QuietPeriodSeconds"], Value::Null);
    assert_eq!(trigger["LastReason"]["Code"], "First");
    assert_eq!(trigger["Error"], Value::Null);

    let feeds = world.json(0, &["feeds", "list"]).await;
    assert_eq!(feeds[0]["State"], "Read");
    assert!(feeds[0]["CheckedAt"].is_string(), "{feeds:#}");
    assert_eq!(feeds[0]["FailedChecks"], 0);
    let history = world.json(0, &["history"]).await;
    assert_eq!(history[0]["Cause"]["Name"], "TriggerChanged", "{history:#}");
    let simulated = world
        .json(0, &["simulate", "New web", "--since", "1d"])
        .await;
    assert_eq!(simulated["Simulated"][0]["Reason"]["Code"], "First");
    assert_eq!(simulated["Unknown"][0]["Kind"], "Versions", "{simulated:#}");
}

#[tokio::test]
async fn package_that_was_never_read_has_its_failure_as_reason() {
    let world = World::of(&seed("", "")).await;
    let fault = registry_server::FaultKind::Status(503, Vec::new(), String::new());
    world
        .registry
        .fault(registry_server::Fault::new("", 100, fault));
    world.prints(3, &["run", "--once"]).await;
    let explained = world.json(0, &["explain", "New web"]).await;
    let reason = &explained["Reason"];
    assert_eq!(reason["Code"], "CannotRead", "{explained:#}");
    assert_eq!(reason["Values"]["FailedChecks"], 1);
    let message = reason["Message"].as_str().unwrap();
    assert!(
        message.starts_with("acme/web could not be read: "),
        "{message}"
    );
    assert!(
        message.contains("503") && message.contains(", once since 20"),
        "{message}"
    );
}
