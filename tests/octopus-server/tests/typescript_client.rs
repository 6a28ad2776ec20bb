//! Octopus's own TypeScript client against the fake server: lists a space and creates a release.
//!
//! Needs `node`, and the client installed from `typescript/`: `cargo xtask test` installs both.

use anyhow::{Context, Result, ensure};
use octopus_server::{OctopusServer, Seed};
use serde_json::{Value, json};
use tokio::process::Command;

/// The folder with `client.mjs` and its `node_modules`.
const CLIENT: &str = "OCTOPUS_TS_CLIENT";

const SEED: &str = include_str!("api/shop.yaml");

/// The client's output.
async fn run(server: &OctopusServer, command: &Value, environment: &str) -> Result<Value> {
    let folder = std::env::var(CLIENT).with_context(|| {
        format!(
            "{CLIENT} must name a folder with client.mjs and its node_modules. `cargo xtask test` installs and \
             sets it; by hand: copy tests/octopus-server/typescript somewhere, run `npm ci` in it, set {CLIENT} to it"
        )
    })?;
    let output = Command::new("node")
        .arg("client.mjs")
        .args(["Fire Project", &command.to_string(), environment])
        .current_dir(folder)
        .env("OCTOPUS_URL", server.url())
        .env("OCTOPUS_API_KEY", server.api_key())
        .env("OCTOPUS_SPACE", "Default")
        .env_remove("http_proxy")
        .env_remove("HTTP_PROXY")
        .output()
        .await
        .context("running node")?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(serde_json::from_slice(&output.stdout)?)
}

#[tokio::test]
async fn typescript_client_lists_and_creates() -> Result<()> {
    let server = OctopusServer::start(Seed::from_yaml(SEED)?).await?;
    let command = json!({"Packages": ["Deploy web:web:1.0.0"], "ReleaseNotes": "from TypeScript"});
    let seen = run(&server, &command, "Prod").await?;
    assert_eq!(seen["server"]["version"], "2026.3.1001");
    assert_eq!(each(&seen["spaces"], "Name"), ["Default", "Other"]);
    assert_eq!(each(&seen["projects"], "Slug"), ["fire-project"]);
    assert_eq!(
        each(&seen["channels"], "Name"),
        ["Default", "Beta", "Ticketed"]
    );
    assert_eq!(
        each(&seen["feeds"], "FeedType"),
        [
            "BuiltIn",
            "OctopusProject",
            "Docker",
            "Helm",
            "FeedTypeOfTheFuture"
        ]
    );
    assert_eq!(
        each(&seen["triggers"], "Name"),
        ["New web image", "Every night"]
    );
    assert_eq!(each(&seen["releases"], "Version"), ["0.1.8", "0.1.7"]);

    let release = server.state().releases("Fire Project")?.remove(0);
    assert_eq!(
        seen["created"],
        json!({"ReleaseId": release.id, "ReleaseVersion": "0.1.8"})
    );
    assert_eq!(release.notes.as_deref(), Some("from TypeScript"));
    assert_eq!(release.package("Deploy web", "web"), Some("1.0.0"));
    assert_eq!(
        seen["packages"],
        json!([{"PackageId": "pterm", "Version": "2.5"}])
    );
    let task = &seen["tasks"][0];
    assert_eq!(
        task["Description"],
        "Deploy Fire Project release 0.1.8 to Prod"
    );
    assert_eq!(
        (&task["State"], &task["IsCompleted"]),
        (&json!("Success"), &json!(true))
    );
    Ok(())
}

#[tokio::test]
async fn typescript_client_shows_refusals() -> Result<()> {
    let server = OctopusServer::start(Seed::from_yaml(SEED)?).await?;
    let refused = run(&server, &json!({"ReleaseVersion": "0.1.7"}), "").await;
    let complaint = refused
        .err()
        .map(|error| format!("{error:#}"))
        .unwrap_or_default();
    assert!(
        complaint.contains("Release '0.1.7' already exists for this project"),
        "{complaint}"
    );
    // By name alone.
    let refused = run(&server, &json!({}), "Environments-2").await;
    let complaint = refused
        .err()
        .map(|error| format!("{error:#}"))
        .unwrap_or_default();
    assert!(
        complaint.contains("Environment named 'Environments-2' was not found."),
        "{complaint}"
    );
    Ok(())
}

/// One text property of every item.
fn each<'a>(items: &'a Value, property: &str) -> Vec<&'a str> {
    items
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|item| item[property].as_str())
        .collect()
}
