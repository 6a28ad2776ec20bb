//! The demo in one process, started by `cargo xtask demo`.

use std::io::Write;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use demo::deadline::within;
use demo::local::LocalTestbed;
use demo::printer::{Printer, format_duration};
use demo::script;

/// The demo takes about a second.
const TIMEOUT: Duration = Duration::from_secs(60);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match within(TIMEOUT, run()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    let start = Instant::now();
    let mut out = Printer::on_stdout();
    let mut testbed = LocalTestbed::open().await?;
    script::run(&mut testbed, &mut out).await?;
    script::print_releases(&testbed, &mut out)?;
    out.line(&format!(
        "\nFinished in {}.",
        format_duration(start.elapsed())
    ))?;
    print_next_steps(&mut out)
}

fn print_next_steps<W: Write>(out: &mut Printer<W>) -> anyhow::Result<()> {
    out.line("")?;
    out.title("Next: your own Octopus")?;
    out.line(
        "  Add an external feed trigger to a project, disable it, and write #feed-triggers into",
    )?;
    out.line("  its description. Then run, without creating releases:\n")?;
    out.line("    cargo run --release --package feedctl -- run --once --dry-run \\")?;
    out.line("        --server https://example.octopus.app --api-key API-... --space Default\n")?;
    out.line("  Run this demo with the compiled functions on an emulator of AWS:\n")?;
    out.line("    cargo xtask demo --cloud")?;
    Ok(())
}
