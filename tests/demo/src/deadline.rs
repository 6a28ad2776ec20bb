//! A time limit for a whole program, which also ends on a signal.

use std::future::Future;
use std::time::Duration;

use anyhow::bail;
use tokio::signal::unix::{SignalKind, signal};

use crate::printer::format_duration;

/// Runs a future until it ends, a signal arrives, or `timeout` passes. Dropping the future stops the
/// programs that it started.
///
/// # Errors
/// The future's own error, the signal, or the timeout.
pub async fn within<T>(
    timeout: Duration,
    run: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    let (mut interrupt, mut terminate) = (
        signal(SignalKind::interrupt())?,
        signal(SignalKind::terminate())?,
    );
    tokio::select! {
        ending = run => ending,
        _ = interrupt.recv() => bail!("interrupted"),
        _ = terminate.recv() => bail!("terminated"),
        () = tokio::time::sleep(timeout) => bail!("timed out after {}", format_duration(timeout)),
    }
}
