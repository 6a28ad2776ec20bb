//! The commands: each resolves its options, calls the engine and prints the result.

mod adoption;
mod apply;
mod config;
mod console;
mod current;
mod dlq;
mod doctor;
mod evaluate;
mod explain;
mod export;
mod feeds;
mod history;
mod reference;
mod request;
mod run;
mod source;
mod state;
mod status;
mod tail;
mod triggers;
pub mod versions;
mod webhooks;

use std::future::Future;
use std::io::IsTerminal;

use crate::args::{Cli, Command, Feeds, LogFormat, Triggers};
use crate::exit::Exit;
use crate::output::Output;

/// Runs the command of the command line.
///
/// # Errors
/// When the command fails.
pub async fn run_command(cli: &Cli, stop: impl Future<Output = ()>) -> anyhow::Result<Exit> {
    match dispatch(cli, stop).await {
        // The reader of the pipe ended, as `head` does.
        Err(error) if is_closed_pipe(&error) => Ok(Exit::Done),
        other => other,
    }
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let cause = error.downcast_ref::<std::io::Error>();
    cause.is_some_and(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}

async fn dispatch(cli: &Cli, stop: impl Future<Output = ()>) -> anyhow::Result<Exit> {
    let output = Output::new(cli.output_format, cli.verbose > 0)
        .with_json_logs(cli.log_format == LogFormat::Json);
    match &cli.command {
        Command::Run(options) => run::run(&cli.server, options, &output, stop).await,
        Command::Triggers(Triggers::List(options)) => {
            triggers::list(&cli.server, &options.filter, &output).await
        }
        Command::Config(command) => config::config(command, &output),
        Command::State(command) => state::state(&cli.server, command, &output),
        Command::Triggers(Triggers::Add(options)) => {
            triggers::add(&cli.server, options, &output, can_prompt(cli)).await
        }
        Command::Status => status::status(&cli.server, &output).await,
        Command::Doctor => doctor::doctor(&cli.server, &output).await,
        Command::Tail => tail::tail(&cli.server, &output, stop).await,
        Command::Completion(options) => reference::completion(options.shell),
        Command::Man(options) => reference::manual(&options.out),
        Command::Triggers(Triggers::Adopt(options)) => {
            adoption::adopt(&cli.server, options, &output).await
        }
        Command::Triggers(Triggers::Return(options)) => {
            adoption::return_trigger(&cli.server, options, &output).await
        }
        Command::Triggers(Triggers::Enable(options)) => {
            triggers::enable(&cli.server, options, &output).await
        }
        Command::Triggers(Triggers::Disable(options)) => {
            triggers::disable(&cli.server, options, &output).await
        }
        Command::Triggers(Triggers::Remove(options)) => {
            triggers::remove(&cli.server, options, &output, can_prompt(cli)).await
        }
        Command::Apply(options) => apply::apply(&cli.server, options, &output).await,
        Command::Diff(options) => apply::diff(&cli.server, options, &output).await,
        Command::Validate(options) => source::validate(&cli.server, options, &output).await,
        Command::Export(options) => export::export(&cli.server, options, &output).await,
        Command::Explain(options) => explain::explain(&cli.server, options, &output).await,
        Command::Evaluate(options) => {
            let output = Output::new(cli.output_format, true);
            evaluate::evaluate(&cli.server, options, &output).await
        }
        Command::Simulate(options) => explain::simulate(&cli.server, options, &output).await,
        Command::Schema => {
            output.text(&format!("{:#}", trigger_file::schema()))?;
            Ok(Exit::Done)
        }
        Command::Feeds(Feeds::List(options)) => feeds::list(&cli.server, options, &output).await,
        Command::Feeds(Feeds::Check(options)) => feeds::check(&cli.server, options, &output).await,
        Command::Dlq(command) => dlq::dlq(&cli.server, command, &output).await,
        Command::Webhooks(command) => webhooks::webhooks(&cli.server, command, &output).await,
        Command::Versions(command) => versions::versions(
            command,
            cli.output_format,
            std::io::stdin().lock(),
            &mut std::io::BufWriter::new(std::io::stdout().lock()),
            &mut std::io::stderr().lock(),
        ),
        Command::Console(options) => console::serve(&cli.server, options, &output, stop).await,
        Command::History(options) => history::show(&cli.server, options, &output).await,
    }
}

/// Whether the user can be prompted.
fn can_prompt(cli: &Cli) -> bool {
    let is_terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    let is_ci =
        std::env::var("CI").is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false"));
    is_terminal && !cli.no_prompt && !is_ci
}
