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
    let feeds = &seen["feeds"];
    assert!(
        feeds.as_array().unwrap().contains(&"Feed".into()),
        "{feeds}"
    );
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of `cargo xtask interop`"]
async fn octopus_cli_lists_the_fake_server() {
    let world = world().await;
    for arguments in [
        &["space", "list"][..],
        &["project", "list"],
        &["project", "view", "Shop"],
        &["environment", "list"],
        &["channel", "list", "--project", "Shop"],
        &["release", "list", "--project", "Shop"],
    ] {
        let Some(mut command) = OCTOPUS_CLI.optional() else {
            println!("skipped: OCTOPUS_CLI is not set");
            return;
        };
        let text = output(
            command
                .args(arguments)
                .args(["--no-prompt", "--space", "Default", "-f", "json"])
                .env("OCTOPUS_URL", world.octopus.url())
                .env("OCTOPUS_API_KEY", world.octopus.api_key()),
        );
        println!("{arguments:?}: {text}");
    }
}
