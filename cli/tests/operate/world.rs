//! The environment of a test: a registry, a fake Octopus Server and an empty folder.

use std::process::{Command, Output, Stdio};

use octopus_server::{OctopusServer, Seed};
use registry_server::{FaultKind, Registry};
use serde_json::Value;
use tempfile::TempDir;

/// The address of the registry, in a seed.
const REGISTRY: &str = "REGISTRY";

/// A response with these tags, and a quota with 9 of 100 requests an hour left.
pub(crate) fn low_quota(tags: &str) -> FaultKind {
    let headers = [
        ("RateLimit-Limit", "100"),
        ("RateLimit-Remaining", "9"),
        ("RateLimit-Reset", "3600"),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let list = format!(r#"{{"name":"any","tags":{tags}}}"#);
    FaultKind::Status(200, headers.into(), list)
}

pub(crate) struct World {
    pub(crate) registry: Registry,
    pub(crate) octopus: OctopusServer,
    pub(crate) folder: TempDir,
}

impl World {
    /// A shop with a channel rule and a lifecycle that deploys to Dev automatically.
    pub(crate) async fn start() -> Self {
        Self::with("2026.3.1001", "").await
    }

    /// The same with a server of this version, whose user lacks this permission.
    pub(crate) async fn with(version: &str, lacks: &str) -> Self {
        let seed = SHOP.replace("VERSION", version).replace("LACKS", lacks);
        Self::of(&seed).await
    }

    /// A world with this seed and the registry.
    pub(crate) async fn of(seed: &str) -> Self {
        let registry = Registry::start().await.unwrap();
        for tag in ["1.0.0", "1.1.0", "2.0.0", "latest"] {
            registry.push("acme/web", tag, tag);
        }
        registry.push("acme/cart", "1.0.0", "cart");
        let seed = Seed::from_yaml(&seed.replace(REGISTRY, &registry.url())).unwrap();
        Self {
            registry,
            octopus: OctopusServer::start(seed).await.unwrap(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_feedctl"));
        command
            .args(arguments)
            .args(["--allow-network", "127.0.0.0/8"])
            .current_dir(self.folder.path())
            .env_clear()
            .env("OCTOPUS_URL", self.octopus.url())
            .env("OCTOPUS_API_KEY", self.octopus.api_key())
            .stdin(Stdio::null());
        command
    }

    pub(crate) async fn feedctl(&self, arguments: &[&str]) -> Output {
        outcome(self.command(arguments)).await
    }

    /// The standard output of a command that exits with this code.
    pub(crate) async fn prints(&self, code: i32, arguments: &[&str]) -> String {
        printed(code, self.command(arguments)).await
    }

    pub(crate) async fn json(&self, code: i32, arguments: &[&str]) -> Value {
        let arguments = [arguments, &["-f", "json"]].concat();
        serde_json::from_str(&self.prints(code, &arguments).await).unwrap()
    }

    /// The standard error of a command that exits with this code.
    pub(crate) async fn refusal(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.feedctl(arguments).await;
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{stderr}");
        stderr
    }

    /// Adds a trigger for the image, run by feedctl.
    pub(crate) async fn add(&self) {
        self.prints(0, &ADD).await;
    }
}

/// The arguments that add a trigger for the image.
pub(crate) const ADD: [&str; 8] = [
    "triggers",
    "add",
    "--name",
    "New web",
    "-p",
    "Web Shop",
    "--source",
    "deploy-web",
];

/// Runs a command until it exits.
pub(crate) async fn outcome(mut command: Command) -> Output {
    let run = tokio::task::spawn_blocking(move || command.output().unwrap());
    run.await.unwrap()
}

/// The standard output of a command that exits with this code.
pub(crate) async fn printed(code: i32, command: Command) -> String {
    let output = outcome(command).await;
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{stderr}");
    String::from_utf8(output.stdout).unwrap()
}

const SHOP: &str = r##"
version: "VERSION"
users:
  - { username: bot, display_name: Bot, is_service: true, api_keys: [API-BOT], access_tokens: [eyJ0.eyJi.x], lacks: [LACKS] }
spaces:
  - name: Default
    environments: [{ name: Dev }, { name: Prod }]
    lifecycles:
      - name: Usual
        phases: [{ name: Dev, automatic: [Dev] }, { name: Prod, optional: [Prod] }]
    feeds:
      - { name: Images, type: Docker, uri: "REGISTRY" }
    projects:
      - name: Web Shop
        channels:
          - name: Stable
            is_default: true
            rules: [{ range: "[1.0,2.0)", packages: [{ action: Deploy web }] }]
          - { name: Beta }
        steps:
          - { name: Deploy, actions: [{ name: Deploy web, packages: [{ package_id: acme/web, feed: Images }] }] }
          - { name: Also, actions: [{ name: Deploy cart, packages: [{ package_id: acme/cart, feed: Images }] }] }
          - { name: Off, actions: [{ name: Off, disabled: true, packages: [{ package_id: acme/off, feed: Images }] }] }
"##;
