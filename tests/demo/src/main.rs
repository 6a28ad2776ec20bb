//! `demo local` tells the story in one process, `demo cloud` on a local cloud; `demo failures` does there what
//! can go wrong; `demo emulator` runs a program beside the emulator of AWS alone. `cargo xtask` knows what
//! each needs.

use std::ffi::OsString;
use std::future::Future;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::bail;
use clap::Parser;
use demo::cloud::{self, CloudStage};
use demo::local::LocalStage;
use demo::narrator::{Narrator, shown};
use demo::story;
use tokio::signal::unix::{SignalKind, signal};

/// A story takes seconds; one that takes longer hangs.
const LONGEST_LOCAL: Duration = Duration::from_secs(60);
const LONGEST_CLOUD: Duration = Duration::from_secs(600);

/// What external feed triggers do, told step by step.
#[derive(Parser)]
enum Arguments {
    /// In one process.
    Local,
    /// With the compiled functions on a local cloud.
    Cloud(CloudArguments),
    /// What can go wrong, done on purpose on a local cloud.
    Mishaps {
        /// Where everything is.
        #[command(flatten)]
        cloud: CloudArguments,
        /// The program feedctl.
        #[arg(long)]
        feedctl: PathBuf,
    },
    /// Runs a program beside an emulator of AWS, which its environment names.
    Emulator {
        /// The folder of the emulator's program.
        #[arg(long)]
        python: PathBuf,
        /// The program and its arguments.
        #[arg(last = true, required = true)]
        command: Vec<OsString>,
    },
}

/// Where everything is.
#[derive(clap::Args)]
struct CloudArguments {
    /// The workspace.
    #[arg(long)]
    workspace: PathBuf,
    /// The folder of sam's and the emulator's programs.
    #[arg(long)]
    python: PathBuf,
    /// The program docker-registry.
    #[arg(long)]
    registry: PathBuf,
    /// What `sam build` has built.
    #[arg(long)]
    built: PathBuf,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let ending = match Arguments::parse() {
        Arguments::Local => within(LONGEST_LOCAL, local()).await,
        Arguments::Cloud(arguments) => within(LONGEST_CLOUD, cloud(arguments, None)).await,
        Arguments::Mishaps {
            cloud: arguments,
            feedctl,
        } => within(LONGEST_CLOUD, cloud(arguments, Some(feedctl))).await,
        Arguments::Emulator { python, command } => {
            within(LONGEST_CLOUD, cloud::beside_emulator(&python, &command)).await
        }
    };
    ending.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

/// Ends what runs on a signal, or when it takes too long, so that no program stays behind.
async fn within(
    longest: Duration,
    run: impl Future<Output = anyhow::Result<ExitCode>>,
) -> anyhow::Result<ExitCode> {
    let (mut interrupt, mut terminate) = (
        signal(SignalKind::interrupt())?,
        signal(SignalKind::terminate())?,
    );
    tokio::select! {
        ending = run => ending,
        _ = interrupt.recv() => bail!("interrupted"),
        _ = terminate.recv() => bail!("terminated"),
        () = tokio::time::sleep(longest) => bail!("this takes too long; {} have passed", shown(longest)),
    }
}

async fn local() -> anyhow::Result<ExitCode> {
    let start = Instant::now();
    let mut say = Narrator::on_stdout();
    let mut stage = LocalStage::open().await?;
    story::tell(&mut stage, &mut say).await?;
    story::conclude(&stage, &mut say)?;
    say.line(&format!("\nTold in {}.", shown(start.elapsed())))?;
    show_the_way(&mut say)?;
    Ok(ExitCode::SUCCESS)
}

/// The story; or the mishaps, if there is a feedctl to look at them with.
async fn cloud(arguments: CloudArguments, feedctl: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    let start = Instant::now();
    let mut say = Narrator::on_stdout();
    let places = cloud::Places {
        workspace: arguments.workspace,
        python: arguments.python,
        registry: arguments.registry,
        built: arguments.built,
    };
    let mut stage = CloudStage::open(&places, &mut say).await?;
    let told = match feedctl {
        None => cloud::tell(&mut stage, &mut say).await,
        Some(feedctl) => cloud::live_through(&mut stage, feedctl, &mut say).await,
    };
    if let Err(error) = told {
        eprintln!("{}", stage.troubles().await);
        return Err(error);
    }
    say.line(&format!("\nTold in {}.", shown(start.elapsed())))?;
    Ok(ExitCode::SUCCESS)
}

fn show_the_way<W: Write>(say: &mut Narrator<W>) -> anyhow::Result<()> {
    say.line("")?;
    say.title("Your own Octopus")?;
    say.line(
        "  Give a project an external feed trigger, switch it off, and write #feed-triggers into",
    )?;
    say.line("  its description. Then, with --dry-run first to create nothing:\n")?;
    say.line("    cargo run --release --package feedctl -- run --dry-run \\")?;
    say.line("        --server https://example.octopus.app --api-key API-... --space Default\n")?;
    say.line(
        "  The same on a cloud, compiled and deployed on this machine: cargo xtask demo --cloud",
    )?;
    Ok(())
}
