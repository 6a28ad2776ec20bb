//! `feedctl evaluate`, `triggers adopt` and `triggers return`.

use serde_json::Value;

use crate::world::World;

const WORLD: &str = r##"
spaces:
  - name: Default
    feeds:
      - { type: BuiltIn, packages: [{ id: Acme.Web, versions: [1.0.0, 1.1.0] }] }
    projects:
      - name: Web Shop
        channels:
          - { name: Stable, is_default: true }
        steps:
          - { name: Deploy, actions: [{ name: Deploy web, packages: [{ package_id: Acme.Web }] }] }
        triggers:
          - name: Watch
            description: "#feed-triggers"
            is_disabled: true
            packages: [{ action_slug: deploy-web }]
          - name: Theirs
            description: For the shop
            packages: [{ action_slug: deploy-web }]
        releases:
          - { version: 0.0.1, packages: [{ action: Deploy web, version: 1.0.0 }] }
"##;

fn theirs(world: &World) -> (String, bool) {
    world.octopus.state().trigger("Theirs").unwrap()
}

#[tokio::test]
async fn evaluate_records_and_creates_on_request() {
    let world = World::observed(WORLD).await;
    let dry = ["evaluate", "watch", "--dry-run", "-f", "json"];
    let json: Value = serde_json::from_str(&world.prints(0, &dry).await).unwrap();
    assert_eq!(json[0]["Outcome"], "Observed", "{json:#}");
    assert_eq!(json[0]["Cause"]["Name"], "Requested");
    assert_eq!(world.releases(), 1);

    let created = world.prints(0, &["evaluate", "Watch"]).await;
    assert!(created.contains("(requested)"), "{created}");
    assert!(created.contains("  1.1.0: permitted"), "{created}");
    assert_eq!(world.releases(), 2);

    let again = ["evaluate", "Watch", "-f", "json"];
    let json: Value = serde_json::from_str(&world.prints(0, &again).await).unwrap();
    assert_eq!(json[0]["Outcome"], "Skipped", "{json:#}");
    assert_eq!(json[0]["Reason"]["Code"], "NothingNewer");
    assert_eq!(world.releases(), 2);
}

#[tokio::test]
async fn evaluate_reports_missing_state_and_unknown_triggers() {
    let world = World::of(WORLD).await;
    let watch = ["evaluate", "Watch"];
    world.reports(1, &watch, "cannot open the state file").await;
    world.prints(0, &["run", "--once", "--dry-run"]).await;
    let unknown = "cannot find trigger `Missing`; the triggers are: Watch (";
    world.reports(1, &["evaluate", "Missing"], unknown).await;
    let with = |more: &[&'static str]| [watch.as_slice(), more].concat();
    let dry = with(&["--stack", "s", "--dry-run"]);
    world.reports(2, &dry, "--dry-run").await;
    let run = ["run", "--once", "--stack", "s"];
    world.reports(2, &run, "cannot run the stack s here").await;
    assert_eq!(world.releases(), 1);
}

#[tokio::test]
async fn adopt_and_return_are_idempotent() {
    let world = World::of(WORLD).await;
    let (adopt, return_it) = (
        ["triggers", "adopt", "theirs"],
        ["triggers", "return", "Theirs"],
    );
    world
        .reports(0, &adopt, "disabled in Octopus and marked")
        .await;
    let ours = ("For the shop #feed-triggers".to_owned(), true);
    assert_eq!(theirs(&world), ours);
    world.reports(0, &adopt, "it is already adopted").await;
    assert_eq!(theirs(&world), ours);
    world.reports(0, &return_it, "enabled in Octopus").await;
    assert_eq!(theirs(&world), ("For the shop".to_owned(), false));
    world.reports(0, &return_it, "unchanged: ").await;
}

#[tokio::test]
async fn adopt_refuses_without_permission_and_for_disabled_triggers() {
    let world = World::of(WORLD).await;
    let adopt = ["triggers", "adopt", "Theirs"];
    world.octopus.state().remove_permission("TriggerEdit");
    world.reports(1, &adopt, "TriggerEdit").await;
    assert_eq!(theirs(&world), ("For the shop".to_owned(), false));

    let world = World::of(WORLD).await;
    let state = world.octopus.state();
    state.set_trigger_disabled("Theirs", true).unwrap();
    world
        .reports(1, &adopt, "a user disabled it in Octopus")
        .await;
    assert_eq!(theirs(&world), ("For the shop".to_owned(), true));
    let include_disabled = [adopt.as_slice(), &["--include-disabled"]].concat();
    world
        .reports(0, &include_disabled, "it was already disabled")
        .await;
    assert_eq!(theirs(&world).0, "For the shop #feed-triggers");
}

#[tokio::test]
async fn enable_disable_and_remove_change_triggers_of_octopus() {
    let world = World::of(WORLD).await;
    for (arguments, expected, state) in [
        (
            ["disable", "Theirs"].as_slice(),
            "neither feedctl nor Octopus",
            ("For the shop", true),
        ),
        (
            &["disable", "Theirs"],
            "already disabled",
            ("For the shop", true),
        ),
        (
            &["enable", "theirs"],
            "feedctl runs it",
            ("For the shop #feed-triggers", true),
        ),
        (
            &["enable", "Theirs"],
            "already runs it",
            ("For the shop #feed-triggers", true),
        ),
    ] {
        let arguments = [&["triggers"], arguments].concat();
        world.reports(0, &arguments, expected).await;
        assert_eq!(theirs(&world), (state.0.to_owned(), state.1));
    }
    let remove = ["triggers", "remove", "Theirs"];
    world.reports(2, &remove, "confirm with --yes").await;
    let removed = [&remove[..], &["--yes"]].concat();
    world.reports(0, &removed, "removed from Octopus").await;
    assert!(world.octopus.state().trigger("Theirs").is_err());
}

#[tokio::test]
async fn enable_disable_and_remove_change_triggers_of_the_applied_file() {
    let world = World::of(WORLD).await;
    world.write("triggers: [{ name: Own, project: Web Shop, packages: ['*'] }]");
    world.prints(0, &["apply", "t.yaml"]).await;
    for (arguments, expected) in [
        (
            ["disable", "Own"].as_slice(),
            "disabled in the applied file",
        ),
        (&["disable", "own"], "already disabled"),
        (
            &["enable", "Own", "-p", "Web Shop"],
            "enabled in the applied file",
        ),
        (&["remove", "Own", "--yes"], "removed from the applied file"),
    ] {
        let arguments = [&["triggers"], arguments].concat();
        world.reports(0, &arguments, expected).await;
    }
    assert_eq!(world.prints(0, &["export"]).await, "triggers: []\n");
}
