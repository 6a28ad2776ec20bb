//! `feedctl`, the program itself, on the stack.

use std::path::PathBuf;

use anyhow::{Context, bail, ensure};
use serde_json::Value;
use tokio::process::Command;

use super::deployment::STACK;
use super::emulator::Emulator;

/// The program and its environment.
pub(super) struct Feedctl {
    program: PathBuf,
    environment: Vec<(String, String)>,
}

impl Feedctl {
    pub(super) fn new(program: PathBuf, emulator: &Emulator, octopus: &str, key: &str) -> Self {
        let own = [
            ("OCTOPUS_URL", octopus),
            ("OCTOPUS_API_KEY", key),
            ("FEEDCTL_STACK", STACK),
        ];
        let environment = emulator.environment().chain(own);
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Self {
            program,
            environment: environment.map(owned).collect(),
        }
    }

    /// What it prints, if it ends well.
    pub(super) async fn json(&self, arguments: &[&str]) -> anyhow::Result<Value> {
        let (code, stdout, stderr) = self.run(arguments, &["-f", "json"]).await?;
        ensure!(
            code == 0,
            "feedctl {} ended with {code}: {stdout}{stderr}",
            arguments.join(" ")
        );
        serde_json::from_str(&stdout).with_context(|| format!("feedctl printed {stdout}"))
    }

    /// What it complains of. That it ends well is an error.
    pub(super) async fn complaint(&self, arguments: &[&str]) -> anyhow::Result<String> {
        match self.run(arguments, &[]).await? {
            (0, stdout, _) => bail!("feedctl {} ended well: {stdout}", arguments.join(" ")),
            (_, _, stderr) => Ok(stderr),
        }
    }

    async fn run(
        &self,
        arguments: &[&str],
        more: &[&str],
    ) -> anyhow::Result<(i32, String, String)> {
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .args(more)
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .kill_on_drop(true);
        let output = command
            .output()
            .await
            .with_context(|| format!("starting {}", self.program.display()))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let code = output.status.code().context("feedctl was killed")?;
        Ok((code, text(&output.stdout), text(&output.stderr)))
    }
}
