//! Triggers of a file and of Octopus: listed and run together, and exported from Octopus into a file.

use serde_json::{Value, json};

use crate::files::{FILE, WORLD};
use crate::world::World;

#[tokio::test]
async fn file_triggers_are_listed_and_evaluated() {
    let world = World::of(WORLD).await;
    world.write(&format!(
        "{FILE}    quietPeriod: 5m\n    dryRun: true\n  - {{ name: Off, project: Gone, packages: ['*'], isDisabled: true }}\n"
    ));
    world.prints(0, &["apply", "t.yaml", "--offline"]).await;
    let rows = world.json(&["triggers", "list"]).await;
    let column = |name: &str| -> Vec<Value> {
        rows.as_array()
            .unwrap()
            .iter()
            .map(|row| row[name].clone())
            .collect()
    };
    assert_eq!(column("Name"), ["Watch", "New web", "Off"]);
    assert_eq!(column("Origin"), ["Octopus", "file", "file"]);
    assert_eq!(column("RunBy"), ["Octopus", "feedctl", "none (disabled)"]);
    let options = &column("Options")[1];
    assert_eq!(options["QuietPeriodSeconds"], 300);
    assert_eq!(options["DryRun"], true);
    assert!(options["ReleaseNotes"].is_string(), "{options}");
    let versions = &column("Sources")[1][0]["Versions"];
    assert_eq!(versions["Range"], "[1.0,2.0)");
    assert_eq!(column("Problem"), vec![Value::Null; 3]);

    world.write(FILE);
    world.prints(0, &["apply", "t.yaml"]).await;
    world.prints(0, &["run", "--once"]).await;
    let release = world
        .octopus
        .state()
        .releases("Web Shop")
        .unwrap()
        .remove(0);
    assert_eq!(release.package("Deploy web", ""), Some("1.1.0"));
    assert_eq!(column("IsStalled"), vec![json!(false); 3]);
    let history = world.json(&["history", "New web"]).await;
    let mut outcomes = history.as_array().unwrap().iter();
    assert!(
        outcomes.any(|one| one["Outcome"] == "Created"),
        "{history:#}"
    );
    let verbose = world.prints(0, &["history", "New web", "-v"]).await;
    assert!(verbose.contains("  1.1.0: permitted"), "{verbose}");
}

#[tokio::test]
async fn export_native_writes_octopus_triggers_as_a_file() {
    let world = World::of(WORLD).await;
    let exported = world.prints(0, &["export", "--native"]).await;
    let expected = "\
triggers:
  - name: Watch
    description: For the shop
    space: Default
    project: Web Shop
    channel: Stable
    packages:
      - deploymentActionSlug: deploy-web
";
    assert_eq!(exported, expected);
    let applied = world.with_input(&["apply", "-"], &exported).await;
    assert_eq!(applied.code, 0, "{}", applied.stderr);
}
