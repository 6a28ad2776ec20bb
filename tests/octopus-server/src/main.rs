//! `octopus-server --listen 127.0.0.1:PORT --seed FILE.yaml`: serves a seed until it is terminated.
//!
//! Prints its URL as the only line on standard output once it listens. Logs requests to standard error
//! with `--log debug`.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;
use clap::Parser;
use octopus_server::{OctopusServer, Seed};
use tracing::Level;

/// A stateful fake Octopus Server.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Listen on this address; port 0 selects a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Read the initial world from this YAML file [empty world].
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,
    /// Log at this level: error, warn, info, debug, trace.
    #[arg(long, default_value_t = Level::INFO)]
    log: Level,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_max_level(arguments.log)
        .with_writer(std::io::stderr)
        .init();
    let seed = match &arguments.seed {
        None => Seed::default(),
        Some(file) => {
            let text = std::fs::read_to_string(file)
                .with_context(|| format!("reading {}", file.display()))?;
            Seed::from_yaml(&text).with_context(|| format!("in {}", file.display()))?
        }
    };
    let server = OctopusServer::start_on(arguments.listen, seed).await?;
    writeln!(std::io::stdout(), "{}", server.url())?;
    std::future::pending().await
}
