//! The emulator of AWS, `ministack`, on a port of its own.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::process::Process;
use super::scratch::{Scratch, free_port, until};

/// The emulator, with what its CloudFormation lacks.
const PROGRAM: &str = include_str!("emulator.py");

/// It is there within a second on an idle machine.
const LONGEST_START: Duration = Duration::from_secs(60);

/// The running emulator. What it holds is gone with it.
pub(super) struct Emulator {
    url: String,
    process: Process,
}

impl Emulator {
    /// Starts it, and waits until it answers.
    ///
    /// Its environment is made from nothing: it passes all of it to the functions.
    pub(super) async fn start(python: &Path, scratch: &Scratch) -> anyhow::Result<Self> {
        let port = free_port()?;
        let url = format!("http://127.0.0.1:{port}");
        let mut command = Command::new(python.join("python"));
        command.args(["-c", PROGRAM]).env_clear();
        for name in ["PATH", "HOME"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command
            .current_dir(scratch.folder("emulator")?)
            .envs(credentials())
            .env("AWS_ENDPOINT_URL", &url)
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("IOT_MTLS_ENABLED", "0")
            .env("MINISTACK_HOST", "127.0.0.1")
            .env("SFTP_ENABLED", "0")
            .env("TMPDIR", scratch.folder("emulator/tmp")?);
        let mut process = Process::start("ministack", &mut command, scratch.log("ministack"))?;
        let http = super::api::client()?;
        let health = format!("{url}/_ministack/health");
        until("the emulator of AWS", LONGEST_START, async || {
            process.expect_running()?;
            let answer = http.get(&health).send().await;
            Ok(answer
                .is_ok_and(|answer| answer.status().is_success())
                .then_some(()))
        })
        .await?;
        Ok(Self { url, process })
    }

    /// Its process, which starts those of the functions.
    pub(super) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Its address.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// The environment by which programs find it, and no other cloud.
    pub(super) fn environment(&self) -> impl Iterator<Item = (&str, &str)> {
        credentials()
            .into_iter()
            .chain([("AWS_ENDPOINT_URL", self.url.as_str())])
    }
}

fn credentials() -> [(&'static str, &'static str); 4] {
    [
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_REGION", "us-east-1"),
    ]
}
