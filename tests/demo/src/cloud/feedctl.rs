//! `feedctl`, the program itself, on the stack.

use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, bail, ensure};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};

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

    /// Serves the stack's console on a free port. Gives the address that it prints.
    pub(super) async fn console(&self) -> anyhow::Result<(Serving, String)> {
        let mut command = self.command(&["console", "--port", "0"]);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().context("no standard output")?;
        let mut address = String::new();
        BufReader::new(stdout).read_line(&mut address).await?;
        Ok((Serving(child), address.trim().to_owned()))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .kill_on_drop(true);
        command
    }

    async fn run(
        &self,
        arguments: &[&str],
        more: &[&str],
    ) -> anyhow::Result<(i32, String, String)> {
        let output = self
            .command(&[arguments, more].concat())
            .output()
            .await
            .with_context(|| format!("starting {}", self.program.display()))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let code = output.status.code().context("feedctl was killed")?;
        Ok((code, text(&output.stdout), text(&output.stderr)))
    }
}

/// A console that is served.
pub(super) struct Serving(Child);

impl Serving {
    /// Ends it. Gives what it said on standard error.
    pub(super) async fn end(&mut self) -> anyhow::Result<String> {
        self.0.kill().await?;
        let mut said = String::new();
        let stderr = self.0.stderr.as_mut().context("no standard error")?;
        stderr.read_to_string(&mut said).await?;
        Ok(said)
    }
}
