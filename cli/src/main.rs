//! The command line: parse, carry out, end with the code that says how it went.
#![expect(
    clippy::print_stderr,
    reason = "standard error is where a command line complains"
)]

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;
use feedctl::args::Cli;
use feedctl::commands::carry_out;
use feedctl::exit::Exit;
use feedctl::output::is_without_colour;
use tracing::Level;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    log_to_stderr(cli.verbose);
    let exit = carry_out(&cli, stop_signal())
        .await
        .unwrap_or_else(|error| {
            eprintln!("error: {error:#}");
            Exit::Failed
        });
    exit.into()
}

fn log_to_stderr(verbose: u8) {
    let level = match verbose {
        0 => Level::WARN,
        1 => Level::INFO,
        _ => Level::DEBUG,
    };
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal() && !is_without_colour())
        .with_target(false)
        .init();
}

/// Ends when the user or the system asks the program to stop.
async fn stop_signal() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
