//! A folder for what runs, with a log of each program, and waiting for what it does.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::bail;
use tempfile::TempDir;

/// How often a condition is looked at.
const PAUSE: Duration = Duration::from_millis(50);

/// A temporary folder.
pub(super) struct Scratch(TempDir);

impl Scratch {
    pub(super) fn new() -> anyhow::Result<Self> {
        Ok(Self(
            tempfile::Builder::new()
                .prefix("feed-triggers-")
                .tempdir()?,
        ))
    }

    /// A folder in it, made when it is asked for.
    pub(super) fn folder(&self, name: &str) -> anyhow::Result<PathBuf> {
        let folder = self.0.path().join(name);
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// Where a program's output goes.
    pub(super) fn log(&self, program: &str) -> PathBuf {
        self.0.path().join(program).with_extension("log")
    }
}

/// The last lines of a log, for a message about a program that failed.
pub(super) fn tail(log: &Path) -> String {
    const LINES: usize = 25;
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}

/// A port of 127.0.0.1 that was free a moment ago.
pub(super) fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// Looks until there is something to see, for so long.
pub(super) async fn until<T>(
    what: &str,
    longest: Duration,
    mut look: impl AsyncFnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let start = Instant::now();
    loop {
        if let Some(seen) = look().await? {
            return Ok(seen);
        }
        if start.elapsed() > longest {
            bail!("waited {} s for {what}", longest.as_secs());
        }
        tokio::time::sleep(PAUSE).await;
    }
}
