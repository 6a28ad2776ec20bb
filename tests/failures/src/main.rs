//! Failure scenarios against the compiled functions on the local cloud, started by
//! `cargo xtask demo --failures`: functions are killed, messages are malformed, repeated and reordered,
//! servers stop, the API key is rotated. Each scenario makes one change in a feed, and each change must end
//! as one release: none lost, none duplicated.
//!
//! The emulator does not simulate failed deliveries of EventBridge; the crate `simulation` does.

mod api_key;
mod browser;
mod console;
mod crashes;
mod dead_letters;
mod feedctl;
mod hanging;
mod harness;
mod malformed;
mod outages;
mod redelivery;
mod rows;
mod scenarios;
mod waiting_checks;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use demo::deadline::within;
use demo::printer::{Printer, format_duration};
use local_cloud::{CloudTestbed, Paths};

/// The scenarios take about two minutes.
const TIMEOUT: Duration = Duration::from_secs(600);

/// Runs the failure scenarios.
#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    paths: Paths,
    /// The program `feedctl`.
    #[arg(long)]
    feedctl: PathBuf,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match within(TIMEOUT, run(Arguments::parse())).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let start = Instant::now();
    let mut out = Printer::on_stdout();
    let mut testbed = CloudTestbed::open(&arguments.paths, &mut out).await?;
    if let Err(error) = scenarios::run(&mut testbed, arguments.feedctl, &mut out).await {
        eprintln!("{}", testbed.warnings().await);
        return Err(error);
    }
    out.line(&format!(
        "\nFinished in {}.",
        format_duration(start.elapsed())
    ))?;
    Ok(())
}
