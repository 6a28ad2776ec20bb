//! `feedctl triggers add` by options alone.

use serde_json::{Value, json};

use crate::world::{ADD, World};

#[tokio::test]
async fn a_trigger_is_added_by_options_alone_and_run_here() {
    let world = World::start().await;
    let planned = world.json(0, &[&ADD[..], &["--dry-run"]].concat()).await;
    assert_eq!(planned["TriggerId"], Value::Null);
    let source = &planned["Sources"][0];
    assert_eq!(
        (&source["Newest"], &source["Permitted"]),
        (&json!("2.0.0"), &json!("1.1.0"))
    );
    let listed = world.json(0, &["triggers", "list"]).await;
    assert_eq!(listed, json!([]));

    let added = world.json(0, &ADD).await;
    assert_eq!(
        (&added["Origin"], &added["RunBy"]),
        (&json!("Octopus"), &json!("feedctl"))
    );
    assert_eq!(
        added["Summary"],
        json!([
            "When acme/web (from Images) has a newer permitted version, a release of Web Shop is created in \
             the channel Stable.",
            "A new release is deployed to Dev at once.",
            "It is created in Octopus switched off and marked #feed-triggers, so that this program alone \
             runs it.",
        ])
    );
    let listed = world.json(0, &["triggers", "list"]).await;
    assert_eq!(listed[0]["Id"], added["TriggerId"]);
    assert_eq!(listed[0]["RunBy"], "feedctl");
    assert_eq!(listed[0]["Channel"], "Stable");

    let said = world.refusal(1, &ADD).await;
    assert!(said.contains("choose another name"), "{said}");
}

#[tokio::test]
async fn octopus_runs_a_trigger_where_that_is_asked_for() {
    let world = World::start().await;
    let arguments = [
        "triggers", "add", "--name", "All", "-p", "Web Shop", "-c", "Beta",
    ];
    let arguments = [&arguments[..], &["--all-sources", "--run-by", "octopus"]].concat();
    let basic = [&arguments[..], &["-f", "basic"]].concat();
    let line = world.prints(0, &basic).await;
    assert!(line.ends_with("\tAll\tOctopus\tOctopus\n"), "{line}");
    let listed = world.json(0, &["triggers", "list"]).await;
    assert_eq!(listed[0]["RunBy"], "Octopus");
    assert_eq!(listed[0]["Project"], "Web Shop");
    assert_eq!(listed[0]["Sources"], json!(["deploy-web", "deploy-cart"]));
}

#[tokio::test]
async fn a_trigger_is_put_into_a_file_below_the_others() {
    let world = World::with("2023.1.1", "").await;
    let file = world.folder.path().join("t.yaml");
    std::fs::write(&file, "# Ours.\ntriggers: []\n").unwrap();
    world
        .prints(0, &[&ADD[..], &["--file", "t.yaml"]].concat())
        .await;
    let written = std::fs::read_to_string(&file).unwrap();
    let expected = "\
# Ours.
triggers:
  - name: New web
    space: Default
    project: Web Shop
    channel: Stable
    packages:
      - deploymentActionSlug: deploy-web
";
    assert_eq!(written, expected);
    world.prints(0, &["apply", "t.yaml"]).await;
    let listed = world.json(0, &["triggers", "list"]).await;
    assert_eq!(listed[0]["Origin"], "file");
}

#[tokio::test]
async fn what_cannot_be_asked_for_is_named() {
    let world = World::start().await;
    let said = world
        .refusal(2, &["triggers", "add", "-s", "Default,Other"])
        .await;
    for option in ["--name", "--project", "--source", "--space"] {
        assert!(said.contains(option), "{option} in {said}");
    }
    let arguments = [
        "triggers", "add", "--name", "A", "-p", "Web Shop", "--source",
    ];
    for (source, why) in [
        ("deploy-api", "there are: deploy-web, deploy-cart"),
        ("switched-off", "is disabled"),
    ] {
        let said = world
            .refusal(1, &[&arguments[..], &[source]].concat())
            .await;
        assert!(said.contains(why), "{why} in {said}");
    }
}

#[tokio::test]
async fn a_server_without_such_triggers_gets_a_file() {
    let world = World::with("2023.1.1", "").await;
    let output = world.feedctl(&[&ADD[..], &["-f", "json"]].concat()).await;
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("goes into the file triggers.yaml"), "{said}");
    let added: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&added["Origin"], &added["File"]),
        (&json!("file"), &json!("triggers.yaml"))
    );
    world.prints(0, &["apply", "triggers.yaml"]).await;

    let octopus = [&ADD[..], &["--run-by", "octopus"]].concat();
    let said = world.refusal(1, &octopus).await;
    assert!(said.contains("came with 2024.2"), "{said}");
}
