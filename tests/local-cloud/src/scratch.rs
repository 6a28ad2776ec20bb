//! A temporary folder with a log file for each program, and waiting for conditions.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::bail;
use tempfile::TempDir;

/// The time between two checks of a condition.
const PAUSE: Duration = Duration::from_millis(50);

/// A temporary folder.
pub struct Scratch(TempDir);

impl Scratch {
    pub fn new() -> anyhow::Result<Self> {
        Ok(Self(
            tempfile::Builder::new()
                .prefix("feed-triggers-")
                .tempdir()?,
        ))
    }

    /// A folder in it, created on first use.
    pub fn folder(&self, name: &str) -> anyhow::Result<PathBuf> {
        let folder = self.0.path().join(name);
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// The log file of a program.
    pub fn log(&self, program: &str) -> PathBuf {
        self.0.path().join(program).with_extension("log")
    }
}

/// The last lines of a log, for an error.
pub fn tail(log: &Path) -> String {
    const LINES: usize = 25;
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}

/// A port of 127.0.0.1 that is free at the moment.
pub fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// Calls `check` until it returns a value, for at most `timeout`.
pub async fn until<T>(
    what: &str,
    timeout: Duration,
    mut check: impl AsyncFnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let start = Instant::now();
    loop {
        if let Some(value) = check().await? {
            return Ok(value);
        }
        if start.elapsed() > timeout {
            bail!("timed out after {} s waiting for {what}", timeout.as_secs());
        }
        tokio::time::sleep(PAUSE).await;
    }
}
