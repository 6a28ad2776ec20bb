//! `feedctl explain` and `simulate`.

use serde_json::Value;

use crate::world::World;

const WORLD: &str = r##"
spaces:
  - name: Default
    feeds:
      - { type: BuiltIn, packages: [{ id: Acme.Web, versions: [1.0.0, 1.1.0, 2.0.0] }] }
    projects:
      - name: Web Shop
        channels:
          - name: Stable
            rules: [{ range: "[1.0,2.0)", packages: [{ action: Deploy web }] }]
        steps:
          - { name: Deploy, actions: [{ name: Deploy web, packages: [{ package_id: Acme.Web }] }] }
        triggers:
          - name: Watch
            description: "#feed-triggers"
            is_disabled: true
            packages: [{ action_slug: deploy-web }]
        releases:
          - { version: 0.0.1, packages: [{ action: Deploy web, version: 1.0.0 }] }
"##;

#[tokio::test]
async fn explain_shows_the_decision_and_creates_nothing() {
    let world = World::observed(WORLD).await;
    let shown = world.prints(0, &["explain", "watch"]).await;
    let lines: Vec<_> = shown.lines().collect();
    assert_eq!(
        lines[0],
        "Watch: create: Acme.Web 1.1.0 is newer than 1.0.0 in the previous release"
    );
    for line in [
        "    Acme.Web 1.1.0",
        "deploy-web = Acme.Web: 1.0.0 -> 1.1.0",
        "  1.1.0: permitted",
        "  1.0.0: permitted",
    ] {
        assert!(lines.contains(&line), "{line} in {shown}");
    }
    let refused = lines.iter().find(|line| line.starts_with("  2.0.0: "));
    assert!(refused.unwrap().contains("[1.0,2.0)"), "{shown}");
    assert_eq!(world.releases(), 1);

    let json = world
        .json(&["explain", "Watch", "--source", "Deploy-Web"])
        .await;
    assert_eq!(json["Decision"], "Create");
    assert_eq!(json["Release"]["Packages"][0]["Version"], "1.1.0");
    assert_eq!(json["Sources"].as_array().unwrap().len(), 1);
    for (arguments, text) in [
        (
            ["explain", "Missing"].as_slice(),
            "cannot find trigger `Missing`; the triggers are: Watch (",
        ),
        (
            &["explain", "Watch", "--source", "x"],
            "its sources are: deploy-web",
        ),
    ] {
        world.reports(1, arguments, text).await;
    }
}

/// A simulation starts from the last release before its period, and lists the releases created since.
#[tokio::test]
async fn simulate_lists_simulated_and_existing_releases() {
    let since_then =
        r#"          - { version: 0.0.2, packages: [{ action: Deploy web, version: 1.1.0 }] }"#;
    let long_ago = r#"          - { version: 0.0.1, assembled: "2026-01-01T00:00:00Z","#;
    let seed = WORLD.replace("          - { version: 0.0.1,", long_ago);
    let world = World::observed(&format!("{seed}{since_then}\n")).await;
    let usual = world.json(&["simulate", "Watch", "--since", "1h"]).await;
    let made = usual["Made"].as_array().unwrap().iter();
    let made: Vec<_> = made
        .map(|one| (&one["Version"], &one["ByFeedTrigger"]))
        .collect();
    assert_eq!(made, [(&Value::from("0.0.2"), &Value::Bool(false))]);
    assert_eq!(
        usual["Simulated"][0]["Release"]["Packages"][0]["Version"],
        "1.1.0"
    );

    let file =
        "triggers: [{ name: Any, project: P, packages: ['*'], versions: { range: '[1.0]' } }]";
    world.write(file);
    let chosen = ["simulate", "Watch", "--since", "1h", "--options", "t.yaml"];
    let chosen = world.json(&chosen).await;
    let versions: Vec<_> = chosen["Simulated"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["Release"]["Packages"][0]["Version"].clone())
        .collect();
    assert!(!versions.contains(&Value::from("1.1.0")), "{chosen}");
    let native = "native: [{ project: Web Shop, name: Watch, packages: ['*'], versions: { range: '[1.0]' } }]";
    world.write(&format!("{}\n{native}", file.replace("[1.0]", "[1.1]")));
    let own = ["simulate", "Watch", "--since", "1h", "--options", "t.yaml"];
    assert_eq!(world.json(&own).await["Simulated"], chosen["Simulated"]);
    let shown = world.prints(0, &["simulate", "Watch"]).await;
    assert!(shown.contains("the trigger would have created:"), "{shown}");
    let odd = ["simulate", "Watch", "--since", "1 month"];
    world.reports(2, &odd, "90s").await;
    assert_eq!(world.releases(), 2);
}
