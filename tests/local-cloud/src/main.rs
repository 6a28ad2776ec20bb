//! `local-cloud demo` runs the demo on the local cloud, `local-cloud stacks` a second stack beside it;
//! `local-cloud emulator` runs a program next to the emulator of AWS. `cargo xtask` passes the paths that each needs.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Parser;
use demo::deadline::within;
use demo::printer::{Printer, format_duration};
use demo::script;
use local_cloud::emulator::Emulator;
use local_cloud::scratch::Scratch;
use local_cloud::{CloudTestbed, Paths, cloud_only, second_stack};

/// The demo takes about a minute.
const TIMEOUT: Duration = Duration::from_secs(600);

/// Runs programs on an emulator of AWS.
#[derive(Parser)]
enum Arguments {
    /// Run the demo with the compiled functions.
    Demo(Paths),
    /// Run the demo, and then a second stack beside the first.
    Stacks(Paths),
    /// Run a program with the emulator's address in its environment.
    Emulator {
        /// The folder of the emulator's Python.
        #[arg(long)]
        python: PathBuf,
        /// The program and its arguments.
        #[arg(last = true, required = true)]
        command: Vec<OsString>,
    },
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let ending = match Arguments::parse() {
        Arguments::Demo(paths) => within(TIMEOUT, demo(&paths, 1)).await,
        Arguments::Stacks(paths) => within(TIMEOUT, demo(&paths, 2)).await,
        Arguments::Emulator { python, command } => {
            within(TIMEOUT, beside_emulator(&python, &command)).await
        }
    };
    ending.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

async fn demo(paths: &Paths, stacks: usize) -> anyhow::Result<ExitCode> {
    let start = Instant::now();
    let mut out = Printer::on_stdout();
    let mut testbed = CloudTestbed::open(paths, &mut out).await?;
    if let Err(error) = steps(&mut testbed, paths, stacks, &mut out).await {
        eprintln!("{}", testbed.warnings().await);
        return Err(error);
    }
    out.line(&format!(
        "\nFinished in {}.",
        format_duration(start.elapsed())
    ))?;
    Ok(ExitCode::SUCCESS)
}

async fn steps<W: std::io::Write>(
    testbed: &mut CloudTestbed,
    paths: &Paths,
    stacks: usize,
    out: &mut Printer<W>,
) -> anyhow::Result<()> {
    script::run(testbed, out).await?;
    cloud_only::run(testbed, out).await?;
    if stacks > 1 {
        second_stack::run(testbed, paths, out).await?;
    }
    script::print_releases(testbed, out)
}

/// Runs a program with the emulator's address in its environment. Returns the program's exit code.
async fn beside_emulator(python: &Path, command: &[OsString]) -> anyhow::Result<ExitCode> {
    let scratch = Scratch::new()?;
    let emulator = Emulator::start(python, &scratch).await?;
    let (program, arguments) = command.split_first().context("no program was named")?;
    let status = tokio::process::Command::new(program)
        .args(arguments)
        .envs(emulator.environment())
        .kill_on_drop(true)
        .status()
        .await
        .with_context(|| format!("cannot start {}", program.display()))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
