//! The emulator of AWS, `ministack`, on a port of its own.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::process::Process;
use crate::scratch::{Scratch, free_port, until};

/// Starts the emulator, with additions to its CloudFormation.
const PROGRAM: &str = include_str!("emulator.py");

/// It starts within a second on an idle machine.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// The running emulator, whose state is lost when it is dropped.
pub struct Emulator {
    url: String,
    process: Process,
}

impl Emulator {
    /// Starts the emulator, and waits until it answers.
    ///
    /// Its environment starts empty, because it passes all of its variables to the functions.
    pub async fn start(python: &Path, scratch: &Scratch) -> anyhow::Result<Self> {
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
        let http = crate::api::client()?;
        let health = format!("{url}/_ministack/health");
        until("the emulator of AWS", START_TIMEOUT, async || {
            process.expect_running()?;
            let answer = http.get(&health).send().await;
            Ok(answer
                .is_ok_and(|answer| answer.status().is_success())
                .then_some(()))
        })
        .await?;
        Ok(Self { url, process })
    }

    /// The process id of the emulator, the ancestor of the functions' processes.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Environment variables that direct AWS clients to the emulator.
    pub fn environment(&self) -> impl Iterator<Item = (&str, &str)> {
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
