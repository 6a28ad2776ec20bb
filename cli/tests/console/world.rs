//! A shop with images and a chart, watched by triggers in all states.

use std::path::PathBuf;
use std::process::Command;

use octopus_server::{OctopusServer, Seed};
use registry_server::{HelmRepository, Registry};
use tempfile::TempDir;

/// The password of a feed; it must never appear in a page.
pub(crate) const PASSWORD: &str = "hunter2-of-the-team-feed";

const SEED: &str = r##"
spaces:
  - name: Default
    environments: [{ name: Test }, { name: Staging }, { name: Production }]
    lifecycles:
      - name: Usual
        phases:
          - { name: Test, automatic: [Test] }
          - { name: Staging, optional: [Staging] }
          - { name: Production, optional: [Production] }
    feeds:
      - { name: Images, type: Docker, uri: "IMAGES" }
      - { name: Team images, type: Docker, uri: "IMAGES", username: team, password: "PASSWORD" }
      - { name: Charts, type: Helm, uri: "CHARTS" }
    projects:
      - name: Shop
        steps:
          - { name: Deploy web, actions: [{ name: Deploy web, packages: [{ package_id: acme/web, feed: Images }] }] }
          - { name: Deploy api, actions: [{ name: Deploy api, packages: [{ package_id: acme/api, feed: Images }] }] }
        channels:
          - name: Stable
            is_default: true
            rules:
              - { packages: [{ action: Deploy web }, { action: Deploy api }], range: "[1.0,2.0)", pre_release_tag: ^$ }
          - name: Preview
        triggers:
          - name: New images
            description: "#feed-triggers"
            is_disabled: true
            channel: Stable
            packages: [{ action_slug: deploy-web }, { action_slug: deploy-api }]
        releases:
          - { version: 1.0.8, packages: [{ action: Deploy web, version: 1.4.2 }, { action: Deploy api, version: 1.2.0 }] }
      - name: Platform
        steps:
          - { name: Install chart, actions: [{ name: Install chart, packages: [{ package_id: shop, feed: Charts }] }] }
        channels: [{ name: Default, is_default: true }]
        triggers:
          - name: Charts of the shop
            description: "#feed-triggers"
            is_disabled: true
            packages: [{ action_slug: install-chart }]
          - name: Charts, run by Octopus
            packages: [{ action_slug: install-chart }]
        releases:
          - { version: 0.3.1, packages: [{ action: Install chart, version: 0.9.1 }] }
      - name: Reports
        steps:
          - { name: Run reports, actions: [{ name: Run reports, packages: [{ package_id: acme/reports, feed: Team images }] }] }
        channels: [{ name: Default, is_default: true }]
        triggers:
          - name: Nightly reports
            description: "#feed-triggers"
            is_disabled: true
            packages: [{ action_slug: run-reports }]
"##;

pub(crate) struct World {
    pub(crate) octopus: OctopusServer,
    _images: Registry,
    _charts: HelmRepository,
    folder: TempDir,
}

impl World {
    /// A world whose state file contains two weeks.
    pub(crate) async fn of_two_weeks() -> Self {
        let images = Registry::start().await.unwrap();
        for version in crate::past::WEB {
            images.push("acme/web", version, version);
        }
        for version in ["1.0.0", "1.1.0", "1.2.0"] {
            images.push("acme/api", version, version);
        }
        for version in ["2026.10.1", "2026.11.1"] {
            images.push("acme/reports", version, version);
        }
        let charts = HelmRepository::start().await.unwrap();
        for version in ["0.8.0", "0.9.0", "0.9.1"] {
            charts.publish("shop", version);
        }
        let seed = SEED
            .replace("IMAGES", &images.url())
            .replace("CHARTS", &charts.url())
            .replace("PASSWORD", PASSWORD);
        let octopus = OctopusServer::start(Seed::from_yaml(&seed).unwrap())
            .await
            .unwrap();
        let world = Self {
            octopus,
            _images: images,
            _charts: charts,
            folder: tempfile::tempdir().unwrap(),
        };
        let mut first = world.feedctl(&["run", "--once", "--dry-run"]);
        let run = tokio::task::spawn_blocking(move || first.output().unwrap());
        let run = run.await.unwrap();
        assert!(
            run.status.success(),
            "{}",
            String::from_utf8_lossy(&run.stderr)
        );
        crate::past::write_history(&world.state()).await;
        world
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.folder.path().join("feed-triggers.sqlite")
    }

    pub(crate) fn feedctl(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_feedctl"));
        command
            .args(arguments)
            .args(["--allow-network", "127.0.0.0/8"])
            .current_dir(self.folder.path())
            .env_clear()
            .env("USER", "alice")
            .env("OCTOPUS_URL", self.octopus.url())
            .env("OCTOPUS_API_KEY", self.octopus.api_key());
        command
    }

    /// The trigger's id in Octopus.
    pub(crate) fn trigger_id(&self, name: &str) -> String {
        self.listed(&["triggers", "list"], name)
    }

    /// The feed's id in Octopus.
    pub(crate) fn feed_id(&self, name: &str) -> String {
        self.listed(&["feeds", "list"], name)
    }

    /// The id of the row with this name.
    fn listed(&self, command: &[&str], name: &str) -> String {
        let arguments = [command, &["-f", "json"]].concat();
        let output = self.feedctl(&arguments).output().unwrap();
        let list: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let rows = list
            .as_array()
            .unwrap_or_else(|| list["Triggers"].as_array().unwrap());
        let row = rows.iter().find(|row| row["Name"] == name).unwrap();
        row["Id"].as_str().unwrap().to_owned()
    }
}
