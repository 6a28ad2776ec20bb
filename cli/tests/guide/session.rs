//! A shell that runs the commands of a document, with a fake Octopus Server, a registry and a Helm repository
//! behind the URLs of the guide, and a folder.
//!
//! The folder replaces the one of the sources: it contains the files that are deployed, and receives build
//! results. The sources themselves are compiled.

use std::os::unix::fs::symlink;
use std::process::Command;

use octopus_server::{OctopusServer, Seed};
use registry_server::{HelmRepository, Registry};
use snapbox::IntoData;
use tempfile::TempDir;

use crate::book::root;
use crate::chapter::Step;
use crate::programs;

/// The URL and keys of the guide, which the session replaces.
const OCTOPUS: &str = "https://example.octopus.app";
const API_KEYS: [&str; 2] = ["API-EXAMPLE", "API-..."];
const REGISTRY: &str = "registry.example.com/";

/// The images in the registry at the beginning of a document.
const IMAGES: [(&str, &str); 4] = [
    ("acme/web", "1.3.0"),
    ("acme/web", "1.4.0"),
    ("acme/web", "latest"),
    ("acme/api", "0.9.0"),
];

/// The files that documents mention.
const FILES: [(&str, &str); 5] = [
    ("slack-token.txt", "xoxb-example"),
    ("triggers.yaml", include_str!("triggers.yaml")),
    ("other.yaml", include_str!("other.yaml")),
    ("template.yaml", include_str!("../../../template.yaml")),
    ("samconfig.toml", include_str!("../../../samconfig.toml")),
];

/// The folders that the template refers to.
const FOLDERS: [&str; 2] = ["functions", "infra"];

/// Commands that run until they are stopped.
const LONG_RUNNING: [&str; 3] = ["feedctl console", "feedctl run\n", "feedctl tail"];

pub(crate) struct Session {
    octopus: OctopusServer,
    registry: Registry,
    _charts: HelmRepository,
    folder: TempDir,
}

impl Session {
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let registry = Registry::start().await?;
        for (repository, tag) in IMAGES {
            registry.push(repository, tag, tag);
        }
        let charts = HelmRepository::start().await?;
        charts.publish("shop", "0.9.0");
        let octopus = OctopusServer::start(Seed::from_yaml(include_str!("world.yaml"))?).await?;
        octopus.state().set_feed_uri("Images", &registry.url())?;
        octopus.state().set_feed_uri("Charts", &charts.url())?;
        let folder = tempfile::tempdir()?;
        let (bin, work) = (folder.path().join("bin"), folder.path().join("work"));
        std::fs::create_dir(&bin)?;
        programs::write(&bin)?;
        std::fs::create_dir(&work)?;
        for (name, text) in FILES {
            std::fs::write(work.join(name), text)?;
        }
        std::fs::write(work.join("key.txt"), octopus.api_key())?;
        for name in FOLDERS {
            symlink(root().join(name), work.join(name))?;
        }
        Ok(Self {
            octopus,
            registry,
            _charts: charts,
            folder,
        })
    }

    /// Runs one command. The error describes the difference from the document.
    pub(crate) async fn run(&self, step: &Step) -> Result<(), String> {
        let printed = self.record(step).await?;
        match &step.prints {
            Some(expected) => compare(&printed, expected),
            None => Ok(()),
        }
    }

    /// Runs one command and returns its output, with the addresses of the guide.
    pub(crate) async fn record(&self, step: &Step) -> Result<String, String> {
        if let Some(image) = step.command.strip_prefix("docker push ") {
            return self.push(image).map(|()| String::new());
        }
        let mut shell = self.shell(&step.command);
        let output = tokio::task::spawn_blocking(move || shell.output()).await;
        let output = output.map_err(|error| error.to_string())?;
        let output = output.map_err(|error| error.to_string())?;
        let printed = self.as_in_the_guide(&String::from_utf8_lossy(&output.stdout));
        if output.status.code() != Some(step.ends_with) {
            return Err(format!("{}\n{printed}", output.status));
        }
        Ok(printed)
    }

    fn push(&self, image: &str) -> Result<(), String> {
        let pushed = image.trim().strip_prefix(REGISTRY);
        let (repository, tag) = pushed
            .and_then(|image| image.rsplit_once(':'))
            .ok_or("the guide's registry is registry.example.com")?;
        self.registry.push(repository, tag, tag);
        Ok(())
    }

    /// A shell with the variables that earlier ones exported. Long-running commands get SIGINT after five seconds.
    fn shell(&self, command: &str) -> Command {
        let mut command = format!("{command}\n").replace(OCTOPUS, &self.octopus.url());
        for key in API_KEYS {
            command = command.replace(key, self.octopus.api_key());
        }
        if LONG_RUNNING.iter().any(|start| command.starts_with(start)) {
            command.insert_str(0, "timeout --preserve-status --signal INT 5 ");
        }
        // Cargo's variables for the tests would make a nested cargo rebuild much.
        let script = format!(
            "unset \"${{!CARGO_PKG_@}}\" \"${{!CARGO_MANIFEST_@}}\"\n\
             exec 2>&1; [ -e ../exported ] && . ../exported\n{command}\
             code=$?; export -p > ../exported; exit $code"
        );
        let folder = self.folder.path();
        let path = std::env::var("PATH").unwrap_or_default();
        let mut shell = Command::new("bash");
        shell
            .args(["-c", &script])
            .current_dir(folder.join("work"))
            .env("PATH", format!("{}:{path}", folder.join("bin").display()))
            .env("CARGO", env!("CARGO"))
            .env("SOURCES", root())
            .env("FEEDCTL", env!("CARGO_BIN_EXE_feedctl"))
            .env("OCTOPUS_URL", self.octopus.url())
            .env("OCTOPUS_API_KEY", self.octopus.api_key());
        shell
    }

    fn as_in_the_guide(&self, printed: &str) -> String {
        printed
            .replace(&self.octopus.url(), OCTOPUS)
            .replace(&self.registry.url(), "https://registry.example.com")
    }
}

fn compare(printed: &str, expected: &str) -> Result<(), String> {
    let without_ends = |text: &str| -> String {
        let lines = text.lines().map(|line| format!("{}\n", line.trim_end()));
        lines.collect()
    };
    let (printed, expected) = (without_ends(printed), without_ends(expected));
    let assert = snapbox::Assert::new();
    let result = assert.try_eq(None, printed.clone().into_data(), expected.into_data());
    result.map_err(|difference| format!("{difference}\nIt prints:\n{printed}"))
}
