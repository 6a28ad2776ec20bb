//! A fake Octopus Server with one project, and `feedctl` on one machine.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use octopus_server::{OctopusServer, Seed};
use tempfile::TempDir;

use crate::programs::{FEEDCTL, Server};

/// The project.
const PROJECT: &str = "Shop";

/// A user and a password of a feed.
pub(crate) type Login<'a> = (&'a str, &'a str);

pub(crate) struct World {
    pub(crate) octopus: OctopusServer,
    folder: TempDir,
    /// Variables of `feedctl`.
    variables: Vec<(&'static str, PathBuf)>,
}

impl World {
    /// A project that deploys `package` from a feed of this type at `uri`, with an adopted trigger.
    pub(crate) async fn new(
        kind: &str,
        uri: &str,
        login: Option<Login<'_>>,
        package: &str,
    ) -> Self {
        let login = login.map_or(String::new(), |(user, password)| {
            format!(", username: {user}, password: {password}")
        });
        let seed = format!(
            r##"
spaces:
  - name: Default
    environments: [{{ name: Dev }}]
    feeds:
      - {{ name: Built-in, type: BuiltIn, packages: [{{ id: tool, versions: ["1.0.0", "1.1.0"] }}] }}
      - {{ name: Feed, type: {kind}, uri: "{uri}"{login} }}
    projects:
      - name: {PROJECT}
        channels:
          - {{ name: Stable, is_default: true }}
        steps:
          - name: Deploy
            actions: [{{ name: Deploy, packages: [{{ package_id: {package}, feed: Feed }}] }}]
        triggers:
          - {{ name: Watch, description: "#feed-triggers", is_disabled: true, packages: [{{ action_slug: deploy }}] }}
"##
        );
        let seed = Seed::from_yaml(&seed).unwrap();
        Self {
            octopus: OctopusServer::start(seed).await.unwrap(),
            folder: tempfile::tempdir().unwrap(),
            variables: vec![
                ("FEEDCTL_ALLOW_NETWORK", "127.0.0.0/8".into()),
                ("HOME", "/nonexistent".into()),
            ],
        }
    }

    /// Sets a variable of `feedctl`.
    pub(crate) fn with(mut self, name: &'static str, value: &Path) -> Self {
        self.variables.push((name, value.to_owned()));
        self
    }

    /// The number of requests with which Octopus was asked for versions.
    pub(crate) fn version_requests(&self) -> usize {
        let requests = self.octopus.state().requests();
        let versions = requests
            .iter()
            .filter(|request| request.path.contains("/packages/versions"));
        versions.count()
    }

    /// Reads everything once and creates the releases that are due; returns the newest release's version of the
    /// package, if there is a release.
    pub(crate) async fn run(&self) -> Option<String> {
        let mut command = self.feedctl();
        command.args(["run", "--once"]);
        let run = tokio::task::spawn_blocking(move || command.output().unwrap());
        let ran = run.await.unwrap();
        let log = String::from_utf8_lossy(&ran.stderr);
        println!("{log}");
        self.newest()
    }

    /// The newest release's version of the package, if there is a release.
    pub(crate) fn newest(&self) -> Option<String> {
        let releases = self.octopus.state().releases(PROJECT).unwrap();
        let newest = releases.first()?;
        Some(newest.packages[0].version.clone())
    }

    /// A command of `feedctl` in a folder of this world.
    pub(crate) fn feedctl(&self) -> Command {
        let mut command = FEEDCTL.command();
        command
            .current_dir(self.folder.path())
            .env("OCTOPUS_URL", self.octopus.url())
            .env("OCTOPUS_API_KEY", self.octopus.api_key())
            .env("OCTOPUS_SPACE", "Default")
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Starts the service. Its schedule checks feeds once a day; webhooks arrive at the address.
    pub(crate) fn serve(&self, address: SocketAddr) -> Server {
        let mut command = self.feedctl();
        command
            .args([
                "run",
                "--allow-network",
                "127.0.0.0/8",
                "--check-interval",
                "1d",
            ])
            .args(["--webhooks", "webhooks.json", "--listen"])
            .arg(address.to_string());
        Server::start(&mut command, address)
    }

    /// The folder in which `feedctl` runs.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The number of releases.
    pub(crate) fn releases(&self) -> usize {
        self.octopus.state().releases(PROJECT).unwrap().len()
    }
}
