//! The environment of a test: a fake Octopus Server and an empty folder, in which the program runs.

use std::io::Write;
use std::process::{Command, Stdio};

use octopus_server::{OctopusServer, Seed};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) struct World {
    pub(crate) octopus: OctopusServer,
    pub(crate) folder: TempDir,
}

/// The result of the program.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl World {
    pub(crate) async fn of(seed: &str) -> Self {
        let seed = Seed::from_yaml(seed).unwrap();
        Self {
            octopus: OctopusServer::start(seed).await.unwrap(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// A world after one dry run.
    pub(crate) async fn observed(seed: &str) -> Self {
        let world = Self::of(seed).await;
        world.prints(0, &["run", "--once", "--dry-run"]).await;
        world
    }

    /// Runs the program in the world's folder, with this on standard input.
    pub(crate) async fn with_input(&self, arguments: &[&str], input: &str) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_feedctl"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("OCTOPUS_URL", self.octopus.url())
            .env("OCTOPUS_API_KEY", self.octopus.api_key())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let input = input.to_owned();
        let run = tokio::task::spawn_blocking(move || {
            let mut child = command.spawn().unwrap();
            let mut stdin = child.stdin.take().unwrap();
            // A program that does not read its input closes the pipe.
            drop(stdin.write_all(input.as_bytes()));
            drop(stdin);
            child.wait_with_output().unwrap()
        });
        let output = run.await.unwrap();
        Ran {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    pub(crate) async fn feedctl(&self, arguments: &[&str]) -> Ran {
        self.with_input(arguments, "").await
    }

    /// The standard output of a command that exits with this code.
    pub(crate) async fn prints(&self, code: i32, arguments: &[&str]) -> String {
        let ran = self.feedctl(arguments).await;
        assert_eq!(ran.code, code, "{}{}", ran.stdout, ran.stderr);
        ran.stdout
    }

    /// Asserts that a command exits with this code and prints this text to either stream.
    pub(crate) async fn reports(&self, code: i32, arguments: &[&str], expected: &str) {
        let ran = self.feedctl(arguments).await;
        let shown = ran.stdout + &ran.stderr;
        assert_eq!(ran.code, code, "{shown}");
        assert!(shown.contains(expected), "{expected} in {shown}");
    }

    pub(crate) async fn json(&self, arguments: &[&str]) -> Value {
        let arguments = [arguments, &["-f", "json"]].concat();
        serde_json::from_str(&self.prints(0, &arguments).await).unwrap()
    }

    /// Writes the trigger file `t.yaml`.
    pub(crate) fn write(&self, text: &str) {
        std::fs::write(self.folder.path().join("t.yaml"), text).unwrap();
    }

    /// The number of the shop's releases.
    pub(crate) fn releases(&self) -> usize {
        self.octopus.state().releases("Web Shop").unwrap().len()
    }
}
