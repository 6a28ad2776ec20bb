//! A trigger that waits for something that does not happen on its own is an error in every view.

use domain::coded::Code;
use domain::decide::RefusalCode;
use domain::problem::ProblemCode;
use domain::reason_code::ReasonCode;
use octopus_server::{Body, Fault, FaultKind};
use operator::doctor::FindingCode;
use serde_json::Value;

use crate::console::Console;
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

/// The trigger is an error with this reason and text in every view of feedctl and the console. `code` is the code of the
/// problem behind the reason, or of the reason itself.
async fn is_error_everywhere(world: &World, reason: &str, code: &str, text: &str) {
    let run = world.json(3, &["run", "--once"]).await;
    let evaluations = run["Evaluations"].as_array().unwrap();
    let evaluated = &evaluations.last().unwrap()["Reason"];
    assert_eq!(evaluated["Code"], reason, "{run:#}");
    assert_eq!(evaluated["IsError"], true, "{run:#}");

    let findings = world.json(3, &["doctor"]).await;
    let finding = verdict(&findings, "New web");
    assert_eq!(finding["Verdict"], "error", "{finding}");
    is_named(&finding["Result"], code, text);

    let failing = ["triggers", "list", "--status", "failing"];
    let listed = world.json(0, &failing).await;
    let status = world.json(0, &["status"]).await;
    for trigger in [&listed[0], &status["Triggers"][0]] {
        is_named(&trigger["Error"], code, text);
    }
    let history = world.json(0, &["history"]).await;
    is_named(&history[0]["Reason"], reason, text);
    for arguments in [["history"].as_slice(), &["status"], &["triggers", "list"]] {
        let shown = world.prints(0, arguments).await;
        assert!(shown.contains(text), "{arguments:?}: {shown}");
    }
    world.prints(3, &["evaluate", "New web"]).await;
    console_names(world, text).await;
}

/// The same for a reason that the decision itself has, which `explain` also shows.
async fn is_error_and_explained(world: &World, reason: &str, code: &str, text: &str) {
    is_error_everywhere(world, reason, code, text).await;
    let explained = world.json(0, &["explain", "New web"]).await;
    is_named(&explained["Reason"], reason, text);
    let shown = world.prints(0, &["explain", "New web"]).await;
    assert!(shown.contains(text), "{shown}");
}

/// A text in JSON has the code and contains this.
fn is_named(coded: &Value, code: &str, text: &str) {
    assert_eq!(coded["Code"], code, "{coded:#}");
    let message = coded["Message"].as_str().unwrap();
    assert!(message.contains(text), "{text} in {message}");
}

/// The console's lists of triggers and of problems contain the text.
async fn console_names(world: &World, text: &str) {
    let (_console, address) = Console::start(world);
    for path in ["/triggers", "/health"] {
        let page = address.page(path).await;
        assert!(page.contains(text), "{path}: {text} in {page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn trigger_that_waits_for_a_correction_is_an_error_everywhere() {
    for (part, changed, reason, code, text) in [
        (
            "DISABLED",
            "disabled: true,",
            "Unresolved",
            "ActionDisabled",
            "is disabled",
        ),
        (
            "ACTION",
            "deploy-gone",
            "Unresolved",
            "ActionNotFound",
            "deploy-gone",
        ),
        (
            "REFERENCE",
            "renamed",
            "Unresolved",
            "PackageReferenceNotFound",
            "has no package reference `web`",
        ),
        (
            "CHANNEL",
            ", custom_fields: [Approval]",
            "MissingField",
            "MissingField",
            "requires the custom field `Approval`",
        ),
        (
            "VERSIONING",
            "versioning: { donor: { action: Other } }",
            "NoNumber",
            "NoNumber",
            "the project numbers releases by the package of `Other`",
        ),
        (
            "CHANNEL",
            ", rules: [{ range: '[1.0', packages: [{ action: Deploy web, package: web }] }]",
            "InvalidRule",
            "InvalidRule",
            "cannot apply the channel's rule for acme/web",
        ),
    ] {
        let world = World::of(&seed(part, changed)).await;
        is_error_and_explained(&world, reason, code, text).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn trigger_whose_feed_was_deleted_is_an_error_everywhere() {
    let world = World::of(&seed("", "")).await;
    world.prints(0, &["run", "--once"]).await;
    world.octopus.state().delete_feed("Images").unwrap();
    let text = "` of `acme/web` does not exist";
    is_error_and_explained(&world, "Unresolved", "FeedNotFound", text).await;
    let findings = world.json(3, &["doctor"]).await;
    let result = &verdict(&findings, "New web")["Result"];
    assert_eq!(result["Values"]["Package"], "acme/web", "{result:#}");
    let feed = result["Values"]["FeedId"].as_str().unwrap();
    assert!(feed.starts_with("Feeds-"), "{feed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn trigger_whose_creation_always_fails_is_an_error_everywhere() {
    let world = World::of(&seed("", "")).await;
    let broken = Fault::always("/releases", FaultKind::Status(500, Body::Json));
    world.octopus.faults().push(broken.on("POST"));
    is_error_everywhere(&world, "ResultUnknown", "ResultUnknown", "answered 500").await;
}

/// The last evaluations succeed with the stored listing, but the feed is not read any more.
#[tokio::test(flavor = "multi_thread")]
async fn trigger_whose_feed_cannot_be_read_is_an_error_in_every_view() {
    let world = World::of(&seed("", "")).await;
    world.prints(0, &["run", "--once"]).await;
    let fault = registry_server::FaultKind::Status(503, Vec::new(), String::new());
    world.registry.fault(registry_server::Fault::always(fault));
    let run = world.json(3, &["run", "--once"]).await;
    is_named(&run["Problems"][0], "PackageNotRead", "503");
    assert_eq!(run["Problems"][0]["Values"]["Package"], "acme/web");

    let findings = world.json(3, &["doctor"]).await;
    let finding = verdict(&findings, "New web");
    assert_eq!(finding["Verdict"], "error", "{finding}");
    is_named(&finding["Result"], "CannotRead", "503");
    assert_eq!(finding["Result"]["Values"]["FailedChecks"], 1);
    let listed = world.json(0, &["triggers", "list"]).await;
    let status = world.json(0, &["status"]).await;
    for trigger in [&listed[0], &status["Triggers"][0]] {
        is_named(&trigger["Error"], "CannotRead", "503");
        let failure = &trigger["ReadFailures"][0];
        assert_eq!(failure["FeedName"], "Images", "{failure:#}");
        assert_eq!(failure["FailedChecks"], 1, "{failure:#}");
        for time in ["FailingSince", "NextCheckAt"] {
            assert!(failure[time].is_string(), "{failure:#}");
        }
    }
    let explained = world.json(0, &["explain", "New web"]).await;
    assert_eq!(explained["ReadFailures"][0]["PackageId"], "acme/web");
    for arguments in [
        ["explain", "New web"].as_slice(),
        &["evaluate", "New web", "--dry-run"],
        &["triggers", "list"],
        &["status"],
        &["history"],
    ] {
        let output = world.feedctl(arguments).await;
        let shown = [output.stdout, output.stderr].concat();
        let shown = String::from_utf8(shown).unwrap();
        assert!(shown.contains("503"), "{arguments:?}: {shown}");
    }
    console_names(&world, "503").await;
}

#[tokio::test]
async fn refused_version_in_json_has_a_code_and_values() {
    let rules =
        ", rules: [{ range: '[1.0,2.0)', packages: [{ action: Deploy web, package: web }] }]";
    let world = World::of(&seed("CHANNEL", rules)).await;
    world.prints(0, &["run", "--once", "--dry-run"]).await;
    let explained = world.json(0, &["explain", "New web"]).await;
    let candidates = explained["Sources"][0]["Candidates"].as_array().unwrap();
    let of = |version: &str| {
        let mut all = candidates.iter();
        &all.find(|one| one["Version"] == version).unwrap()["Refused"]
    };
    assert_eq!(*of("1.1.0"), Value::Null);
    let newer = of("2.0.0");
    is_named(newer, "VersionRange", "refused by version range [1.0,2.0)");
    assert_eq!(newer["Values"]["Range"], "[1.0,2.0)");
    assert_eq!(newer["Values"]["Owner"], "Channel");
    is_named(of("latest"), "NoVersionNumber", "no version number");
    let stored = world.json(0, &["history"]).await;
    let stored = &stored[0]["Sources"][0]["Candidates"];
    assert_eq!(*stored, explained["Sources"][0]["Candidates"]);
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

#[test]
fn every_code_is_documented() {
    fn names<C: Code>(codes: &[C]) -> impl Iterator<Item = &'static str> {
        codes.iter().map(|code| code.name())
    }
    let documented = include_str!("../../../docs/OPERATIONS.md");
    let reasons = names(ReasonCode::ALL).chain(names(ProblemCode::ALL));
    let findings = names(RefusalCode::ALL).chain(names(FindingCode::ALL));
    for name in reasons.chain(findings) {
        assert!(documented.contains(&format!("`{name}`")), "{name}");
    }
}
