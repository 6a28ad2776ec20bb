//! Parses the command line, runs the command and exits with its code.

use std::io::IsTerminal;
use std::process::ExitCode;

use feedctl::args::{Cli, Command, LogFormat};
use feedctl::commands::run_command;
use feedctl::exit::of_error;
use feedctl::output::{StderrWithBar, is_without_colour, print_error};
use host::log::{is_ours, may_be_logged};
use tracing::Level;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let cli = match Cli::load() {
        Ok(cli) => cli,
        Err(error) => {
            print_error(format_args!("error: {error:#}"));
            return of_error(&error).into();
        }
    };
    // The console always logs its actions, for auditing.
    let is_service = matches!(&cli.command, Command::Run(run) if !run.once);
    let is_json = cli.log_format == LogFormat::Json;
    let minimum = matches!(cli.command, Command::Console(_)) || (is_json && is_service);
    log_to_stderr(cli.verbose.max(minimum.into()), is_json);
    let exit = run_command(&cli, stop_signal())
        .await
        .unwrap_or_else(|error| {
            print_error(format_args!("error: {error:#}"));
            of_error(&error)
        });
    exit.into()
}

/// Logs to standard error. Without `-v` only this workspace's lines are logged: the warnings of libraries
/// repeat the error that follows.
fn log_to_stderr(verbose: u8, is_json: bool) {
    let level = match verbose {
        0 => Level::WARN,
        1 => Level::INFO,
        _ => Level::DEBUG,
    };
    let filter = filter_fn(move |metadata| {
        let is_selected = verbose > 0 || is_ours(metadata.target());
        is_selected && may_be_logged(metadata, level)
    });
    let lines = tracing_subscriber::fmt::layer().with_writer(|| StderrWithBar);
    let lines = match is_json {
        true => lines.json().flatten_event(true).with_filter(filter).boxed(),
        false => lines
            .with_ansi(std::io::stderr().is_terminal() && !is_without_colour())
            .with_target(false)
            .with_filter(filter)
            .boxed(),
    };
    tracing_subscriber::registry().with(lines).init();
}

/// Completes when the user or the system stops the program.
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

/// SIGTERM, which systemd and container runtimes send.
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
