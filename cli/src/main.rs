//! The command line: parse, carry out, end with the code that says how it went.
#![expect(
    clippy::print_stderr,
    reason = "standard error is where a command line complains"
)]

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;
use feedctl::args::{Cli, Command};
use feedctl::commands::carry_out;
use feedctl::exit::Exit;
use feedctl::output::{BesideBar, is_without_colour};
use host::log::{is_ours, may_be_logged};
use tracing::Level;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    // What the console has done is always told: that is its audit.
    let least = u8::from(matches!(cli.command, Command::Console(_)));
    log_to_stderr(cli.verbose.max(least));
    let exit = carry_out(&cli, stop_signal())
        .await
        .unwrap_or_else(|error| {
            eprintln!("error: {error:#}");
            Exit::Failed
        });
    exit.into()
}

/// Says what goes on. What libraries warn of stands in the error that follows, so it is for those who want
/// more.
fn log_to_stderr(verbose: u8) {
    let level = match verbose {
        0 => Level::WARN,
        1 => Level::INFO,
        _ => Level::DEBUG,
    };
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(|| BesideBar)
        .with_ansi(std::io::stderr().is_terminal() && !is_without_colour())
        .with_target(false)
        .with_filter(filter_fn(move |metadata| {
            let is_meant = verbose > 0 || is_ours(metadata.target());
            is_meant && may_be_logged(metadata, level)
        }));
    tracing_subscriber::registry().with(lines).init();
}

/// Ends when the user or the system asks the program to stop.
async fn stop_signal() {
    tokio::select! {
        () = interrupted() => {}
        () = terminated() => {}
    }
}

async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// What supervisors send: systemd, containers.
#[cfg(unix)]
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut signals) => drop(signals.recv().await),
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn terminated() {
    std::future::pending().await
}
