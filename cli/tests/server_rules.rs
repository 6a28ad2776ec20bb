//! `feedctl run --once`, the program itself, where a channel's rule holds what only .NET evaluates.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::process::{Command, Output};

use octopus_server::{OctopusServer, Seed};

const WORLD: &str = r##"
spaces:
  - name: Default
    dotnet_patterns: { '^beta\Z': [1.0.0-beta, 1.1.0-beta] }
    feeds:
      - { type: BuiltIn, packages: [{ id: Acme.Web, versions: [1.0.0-beta, 1.1.0-beta, 2.0.0] }] }
    projects:
      - name: Web Shop
        channels:
          - name: Beta
            rules: [{ pre_release_tag: 'PATTERN', packages: [{ action: Deploy web }] }]
        steps:
          - { name: Deploy, actions: [{ name: Deploy web, packages: [{ package_id: Acme.Web }] }] }
        triggers:
          - name: Watch
            description: "#feed-triggers"
            is_disabled: true
            packages: [{ action_slug: deploy-web }]
        releases:
          - { version: 0.0.1, packages: [{ action: Deploy web, version: 1.0.0-beta }] }
"##;

/// One round in a world whose rule has this pattern, and what the server holds then.
async fn round(pattern: &str) -> (Output, OctopusServer) {
    let seed = Seed::from_yaml(&WORLD.replace("PATTERN", pattern)).unwrap();
    let server = OctopusServer::start(seed).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_feedctl"));
    command
        .args(["run", "--once", "--server", &server.url()])
        .args(["--api-key", server.api_key(), "--state"])
        .arg(folder.path().join("state.sqlite"))
        .env_clear();
    let run = tokio::task::spawn_blocking(move || command.output().unwrap());
    (run.await.unwrap(), server)
}

fn latest(server: &OctopusServer) -> String {
    let release = server.state().releases("Web Shop").unwrap().remove(0);
    release.package("Deploy web", "").unwrap().to_owned()
}

#[tokio::test]
async fn the_server_says_what_the_rule_permits() {
    let (ran, server) = round(r"^beta\Z").await;
    let stderr = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.code(), Some(0), "{stderr}");
    assert_eq!(latest(&server), "1.1.0-beta");
    let asked = |request: &octopus_server::Request| request.path.contains("preReleaseTag=");
    assert!(server.state().requests().iter().any(asked));
}

#[tokio::test]
async fn a_rule_that_the_server_does_not_take_makes_no_release() {
    let (ran, server) = round(r"^\GX").await;
    assert_eq!(ran.status.code(), Some(3), "{ran:?}");
    assert_eq!(latest(&server), "1.0.0-beta");
    let shown = String::from_utf8_lossy(&ran.stdout).into_owned();
    let shown: String = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains("Acme.Web"), "{shown}");
}

#[tokio::test]
async fn what_can_be_evaluated_here_costs_no_question() {
    let (ran, server) = round("^beta$").await;
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    assert_eq!(latest(&server), "1.1.0-beta");
    assert_eq!(server.state().count("GET", "preReleaseTag="), 0);
}
