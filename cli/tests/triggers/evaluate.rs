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
async fn a_trigger_is_evaluated_when_it_is_asked_for() {
    let world = World::observed(WORLD).await;
    let dry = ["evaluate", "watch", "--dry-run", "-f", "json"];
    let json: Value = serde_json::from_str(&world.prints(0, &dry).await).unwrap();
    assert_eq!(json[0]["Outcome"], "Observed", "{json:#}");
    assert_eq!(json[0]["Cause"], "asked for");
    assert_eq!(world.releases(), 1);

    let made = world.prints(0, &["evaluate", "Watch"]).await;
    assert!(made.contains("(asked for)"), "{made}");
    assert!(made.contains("  1.1.0: permitted"), "{made}");
    assert_eq!(world.releases(), 2);

    let again = ["evaluate", "Watch", "-f", "json"];
    let json: Value = serde_json::from_str(&world.prints(0, &again).await).unwrap();
    assert_eq!(json[0]["Outcome"], "Skipped", "{json:#}");
    assert_ne!(json[0]["Reason"], "");
    assert_eq!(world.releases(), 2);
}

#[tokio::test]
async fn what_cannot_be_evaluated_is_said() {
    let world = World::of(WORLD).await;
    let watch = ["evaluate", "Watch"];
    world.says(1, &watch, "there is no state file").await;
    world.prints(0, &["run", "--once", "--dry-run"]).await;
    let unknown = "no trigger `Nobody` is run here; there are: Watch";
    world.says(1, &["evaluate", "Nobody"], unknown).await;
    let with = |more: &[&'static str]| [watch.as_slice(), more].concat();
    let dry = with(&["--stack", "s", "--dry-run"]);
    world.says(2, &dry, "--dry-run").await;
    let run = ["run", "--once", "--stack", "s"];
    world.says(2, &run, "the stack s runs by itself").await;
    assert_eq!(world.releases(), 1);
}

#[tokio::test]
async fn a_trigger_is_adopted_and_returned_once() {
    let world = World::of(WORLD).await;
    let (adopt, give_back) = (
        ["triggers", "adopt", "theirs"],
        ["triggers", "return", "Theirs"],
    );
    world
        .says(0, &adopt, "switched off in Octopus and marked")
        .await;
    let ours = ("For the shop #feed-triggers".to_owned(), true);
    assert_eq!(theirs(&world), ours);
    world.says(0, &adopt, "it was adopted before").await;
    assert_eq!(theirs(&world), ours);
    world.says(0, &give_back, "switched on in Octopus").await;
    assert_eq!(theirs(&world), ("For the shop".to_owned(), false));
    world.says(0, &give_back, "nothing was changed").await;
}

#[tokio::test]
async fn nobody_is_overruled_unasked() {
    let world = World::of(WORLD).await;
    let adopt = ["triggers", "adopt", "Theirs"];
    world.octopus.state().take_permission("TriggerEdit");
    world.says(1, &adopt, "TriggerEdit").await;
    assert_eq!(theirs(&world), ("For the shop".to_owned(), false));

    let world = World::of(WORLD).await;
    let state = world.octopus.state();
    state.set_trigger_disabled("Theirs", true).unwrap();
    world.says(1, &adopt, "a user disabled it in Octopus").await;
    assert_eq!(theirs(&world), ("For the shop".to_owned(), true));
    let although = [adopt.as_slice(), &["--include-disabled"]].concat();
    world.says(0, &although, "it was off").await;
    assert_eq!(theirs(&world).0, "For the shop #feed-triggers");
}
