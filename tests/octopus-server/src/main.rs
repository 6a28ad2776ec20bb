//! `octopus-server --listen 127.0.0.1:PORT --seed FILE.yaml`: serves a seed until it is terminated.
//!
//! Prints its URL as the only line on standard output once it listens. Logs requests to standard error
//! with `--log debug`.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;
use clap::Parser;
use octopus_server::{OctopusServer, RateLimit, Seed, StrictModes};
use tracing::Level;

/// Behavior of real servers that is always on, and the modes that options switch on.
const STRICT: &str = "\
Always strict, like the real server:
  - releases/create/v1 finds project and channel only by name; ids and slugs are refused
  - package overrides are parsed by the server's grammar; escapes need version 2025.4.10680
  - channel rules, custom fields, Git references and existing numbers are enforced
  - steps of process templates have no actions in the plain process
  - releases keep the names of their process, which its snapshot route returns; renames keep ids and slugs
  - the text of a 403 names the missing permission; creating a release also needs VariableView
  - routes and properties newer than the seed's version are missing

Strict modes:
  --rate-limit, --burst, --no-retry-after, --rate-limit-headers   a token bucket for each user, refusals with 429
  --latency-ms                                                    a delay of every answer
  --page-sized-totals                                             version lists with the page's size as the total
  --chart-tags                                                    charts in OCI registries by tag, `_` for `+`";

/// A stateful fake Octopus Server.
#[derive(Parser)]
#[command(version, after_help = STRICT)]
struct Arguments {
    /// Listen on this address; port 0 selects a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Read the initial world from this YAML file [empty world].
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,
    /// Refuse requests of a user above this rate with 429, such as `200/min` [no limit].
    #[arg(long, value_name = "N/min")]
    rate_limit: Option<RateLimit>,
    /// Permit this many requests at once [the rate per minute].
    #[arg(long, value_name = "N", requires = "rate_limit")]
    burst: Option<u32>,
    /// Omit `Retry-After` from 429 answers.
    #[arg(long, requires = "rate_limit")]
    no_retry_after: bool,
    /// Send `Octopus-RateLimit` and `Octopus-RateLimit-Policy` with every answer.
    #[arg(long, requires = "rate_limit")]
    rate_limit_headers: bool,
    /// Delay every answer by this many milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 0)]
    latency_ms: u64,
    /// Report the size of the page as the total of version lists.
    #[arg(long)]
    page_sized_totals: bool,
    /// List and select charts in OCI registries by the tags of their versions, with `_` for `+`.
    #[arg(long)]
    chart_tags: bool,
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
    server.state().set_strict(arguments.strict_modes());
    writeln!(std::io::stdout(), "{}", server.url())?;
    std::future::pending().await
}

impl Arguments {
    fn strict_modes(&self) -> StrictModes {
        StrictModes {
            rate_limit: self.rate_limit.map(|limit| RateLimit {
                burst: self.burst.unwrap_or(limit.burst),
                retry_after: !self.no_retry_after,
                headers: self.rate_limit_headers,
                ..limit
            }),
            latency: std::time::Duration::from_millis(self.latency_ms),
            page_sized_totals: self.page_sized_totals,
            chart_tags: self.chart_tags,
        }
    }
}
