//! Runs the program `feedctl` on the stack.

use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, bail, ensure};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::deployment::STACK;
use crate::emulator::Emulator;

/// The program and its environment.
pub struct Feedctl {
    program: PathBuf,
    environment: Vec<(String, String)>,
}

impl Feedctl {
    pub fn new(program: PathBuf, emulator: &Emulator, octopus: &str, key: &str) -> Self {
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

    /// Runs a command and returns its JSON output.
    ///
    /// # Errors
    /// Any exit code but 0.
    pub async fn json(&self, arguments: &[&str]) -> anyhow::Result<Value> {
        let (code, stdout, stderr) = self.run(arguments, &["-f", "json"]).await?;
        ensure!(
            code == 0,
            "feedctl {} exited with {code}: {stdout}{stderr}",
            arguments.join(" ")
        );
        serde_json::from_str(&stdout).with_context(|| format!("feedctl printed {stdout}"))
    }

    /// Runs a command that must fail, and returns its standard error.
    pub async fn stderr_of_failure(&self, arguments: &[&str]) -> anyhow::Result<String> {
        match self.run(arguments, &[]).await? {
            (0, stdout, _) => bail!("feedctl {} succeeded: {stdout}", arguments.join(" ")),
            (_, _, stderr) => Ok(stderr),
        }
    }

    /// Starts the stack's console on a free port. Returns the address that it prints.
    pub async fn console(&self) -> anyhow::Result<(ConsoleProcess, String)> {
        let mut command = self.command(&["console", "--port", "0"]);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let stdout = child
            .stdout
            .take()
            .context("standard output is not captured")?;
        let mut address = String::new();
        BufReader::new(stdout).read_line(&mut address).await?;
        Ok((ConsoleProcess(child), address.trim().to_owned()))
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
            .with_context(|| format!("cannot start {}", self.program.display()))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let code = output.status.code().context("feedctl was killed")?;
        Ok((code, text(&output.stdout), text(&output.stderr)))
    }
}

/// A running `feedctl console`.
pub struct ConsoleProcess(Child);

impl ConsoleProcess {
    /// Stops the console. Returns its standard error.
    pub async fn end(&mut self) -> anyhow::Result<String> {
        self.0.kill().await?;
        let mut output = String::new();
        let stderr = self
            .0
            .stderr
            .as_mut()
            .context("standard error is not captured")?;
        stderr.read_to_string(&mut output).await?;
        Ok(output)
    }
}
