//! `feedctl triggers add` with options only.

use serde_json::{Value, json};

use crate::world::{ADD, World};

#[tokio::test]
async fn triggers_add_with_options_creates_a_marked_trigger() {
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
            "A new release is deployed to Dev automatically.",
            "It is created in Octopus, disabled and marked #feed-triggers, so that only this program \
             runs it.",
        ])
    );
    let listed = world.json(0, &["triggers", "list"]).await;
    assert_eq!(listed[0]["Id"], added["TriggerId"]);
    assert_eq!(listed[0]["RunBy"], "feedctl");
    assert_eq!(listed[0]["Channel"], "Stable");

    let stderr = world.refusal(1, &ADD).await;
    assert!(stderr.contains("choose another name"), "{stderr}");
}

#[tokio::test]
async fn triggers_add_run_by_octopus_creates_an_enabled_trigger() {
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
    let sources = listed[0]["Sources"].as_array().unwrap().iter();
    let names: Vec<_> = sources.map(|source| &source["Name"]).collect();
    assert_eq!(names, ["deploy-web", "deploy-cart"]);
}

#[tokio::test]
async fn triggers_add_to_a_file_appends_the_trigger() {
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
async fn triggers_add_names_missing_options_and_unknown_sources() {
    let world = World::start().await;
    let stderr = world
        .refusal(2, &["triggers", "add", "-s", "Default,Other"])
        .await;
    for option in ["--name", "--project", "--source", "--space"] {
        assert!(stderr.contains(option), "{option} in {stderr}");
    }
    let arguments = [
        "triggers", "add", "--name", "A", "-p", "Web Shop", "--source",
    ];
    for (source, why) in [
        ("deploy-api", "the sources are: deploy-web, deploy-cart"),
        ("off", "is disabled"),
    ] {
        let stderr = world
            .refusal(1, &[&arguments[..], &[source]].concat())
            .await;
        assert!(stderr.contains(why), "{why} in {stderr}");
    }
}

#[tokio::test]
async fn triggers_add_writes_a_file_for_servers_without_feed_triggers() {
    let world = World::with("2023.1.1", "").await;
    let output = world.feedctl(&[&ADD[..], &["-f", "json"]].concat()).await;
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("is written to triggers.yaml"), "{stderr}");
    let added: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&added["Origin"], &added["File"]),
        (&json!("file"), &json!("triggers.yaml"))
    );
    world.prints(0, &["apply", "triggers.yaml"]).await;

    let octopus = [&ADD[..], &["--run-by", "octopus"]].concat();
    let stderr = world.refusal(1, &octopus).await;
    assert!(stderr.contains("need version 2024.2"), "{stderr}");
}
