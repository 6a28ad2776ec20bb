//! Octopus's own clients against the fake Octopus Server.

use crate::programs::{OCTOPUS_CLI, SWAGGER, output};
use crate::world::World;

/// A script that uses the client generated from Octopus's swagger description.
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/swagger/client.py");

async fn world() -> World {
    World::new("Docker", "https://registry.example.com", None, "acme/web").await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of `cargo xtask interop`"]
async fn swagger_client_reads_the_fake_server() {
    let world = world().await;
    let text = output(
        SWAGGER
            .command()
            .arg(SCRIPT)
            .env("OCTOPUS_URL", world.octopus.url())
            .env("OCTOPUS_API_KEY", world.octopus.api_key()),
    );
    let seen: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(seen["spaces"], serde_json::json!(["Default"]));
    assert_eq!(seen["projects"], serde_json::json!(["Shop"]));
    assert_eq!(seen["channels"], serde_json::json!(["Stable"]));
    assert_eq!(seen["packages"], serde_json::json!([["tool", "1.1.0"]]));
    assert_eq!(seen["users"], serde_json::json!(["release-bot"]));
    assert_eq!(seen["tasks"], serde_json::json!([]));
    assert_eq!(seen["empty"], serde_json::json!([0, 0, 0, 0]));
    let feeds = &seen["feeds"];
    assert!(
        feeds.as_array().unwrap().contains(&"Feed".into()),
        "{feeds}"
    );
}

/// Whether a command of the Octopus CLI succeeded, and its output; `None` without the CLI.
fn cli(world: &World, arguments: &[&str]) -> Option<(bool, String)> {
    let mut command = OCTOPUS_CLI.optional()?;
    command
        .args(arguments)
        .args(["--no-prompt", "--space", "Default", "-f", "basic"])
        .env("OCTOPUS_URL", world.octopus.url())
        .env("OCTOPUS_API_KEY", world.octopus.api_key());
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    let text = String::from_utf8_lossy(&output.stdout);
    println!("{arguments:?}: {}: {text}{errors}", output.status);
    let text = format!("{text}{errors}");
    Some((output.status.success(), text.trim().to_owned()))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of `cargo xtask interop`"]
async fn octopus_cli_lists_the_fake_server() {
    let world = world().await;
    for (arguments, expected) in [
        (&["space", "list"][..], "Default"),
        (&["project", "list"], "Shop"),
        (&["project", "view", "Shop"], "Shop"),
        (&["environment", "list"], "Dev"),
        (&["channel", "list", "--project", "Shop"], "Stable"),
        (&["release", "list", "--project", "Shop"], ""),
        (&["package", "list"], "tool"),
        (&["package", "versions", "--package", "tool"], "1.1.0"),
        (&["user", "list"], "release-bot"),
        (&["account", "list"], ""),
        (&["tenant", "list"], ""),
        (&["project-group", "list"], ""),
        (&["worker-pool", "list"], ""),
        (&["deployment-target", "list"], ""),
        (&["runbook", "list", "--project", "Shop"], ""),
    ] {
        let Some((is_success, text)) = cli(&world, arguments) else {
            println!("skipped: OCTOPUS_CLI is not set");
            return;
        };
        assert!(is_success, "{arguments:?}");
        assert!(text.contains(expected), "{arguments:?}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of `cargo xtask interop`"]
async fn octopus_cli_creates_deploys_blocks_and_deletes_a_release() {
    let world = world().await;
    let release = ["-p", "Shop", "--version", "1.0.0"];
    let run = |arguments: &[&str]| cli(&world, &[arguments, &release].concat());
    let Some((is_success, _)) = run(&["release", "create", "--package-version", "2.0.0"]) else {
        println!("skipped: OCTOPUS_CLI is not set");
        return;
    };
    assert!(is_success && world.releases() == 1);
    let (is_success, refusal) = run(&["release", "deploy", "-e", "Environments-1"]).unwrap();
    assert!(
        !is_success && refusal.contains("Environment named"),
        "{refusal}"
    );
    let prevent = ["release", "progression", "prevent", "--reason", "broken"];
    assert!(run(&prevent).unwrap().0);
    let (is_success, refusal) = run(&["release", "deploy", "-e", "Dev"]).unwrap();
    assert!(!is_success && refusal.contains("blocked"), "{refusal}");
    assert!(run(&["release", "progression", "allow"]).unwrap().0);
    let (is_success, task) = run(&["release", "deploy", "-e", "Dev"]).unwrap();
    assert!(is_success && task.starts_with("ServerTasks-"), "{task}");
    assert!(cli(&world, &["task", "wait", &task]).unwrap().0);
    assert!(run(&["release", "delete"]).unwrap().0);
    assert_eq!(world.releases(), 0);
}
