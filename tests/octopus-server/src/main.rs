//! `octopus-server --listen 127.0.0.1:PORT --seed FILE.yaml`: serves a seed until it is stopped.
//!
//! Once it listens, its URL is the one line on standard output. Requests are logged to standard error
//! with `--log debug`.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;
use clap::Parser;
use octopus_server::{OctopusServer, Seed};
use tracing::Level;

/// A stateful stand-in for Octopus Server.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Where to listen; port 0 for a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// The world to start with, as YAML; an empty one without.
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,
    /// How much to log: error, warn, info, debug, trace.
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
