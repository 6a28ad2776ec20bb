//! The command line. Environment variables and option names follow the Octopus CLI. This file contains the
//! global options and the list of commands; each group of commands has a file with its options.

mod config;
mod decisions;
mod dlq;
mod feeds;
mod files;
mod reference;
mod run;
mod server;
mod state;
mod triggers;
mod versions;
mod webhooks;

use std::net::SocketAddr;

use clap::builder::FalseyValueParser;
use clap::parser::ValueSource;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use domain::time::Span;

use crate::settings::{self, Settings};

pub use self::webhooks::{
    AddReceiver, NamedReceiver, ReceiverStore, RotateReceiver, TestReceiver, Webhooks,
};
pub use config::{Config, Setting};
pub use decisions::{EvaluateOptions, ExplainOptions, HistoryOptions, Simulate};
pub use dlq::{Dlq, ListMessages, SelectMessages, ShowMessage};
pub use feeds::{CheckFeed, Feeds, ListFeeds};
pub use files::{Apply, Export, FileSource};
pub use reference::{Completion, Man};
pub use run::{NotificationFormat, NotificationKind, Run, Serve};
pub use server::{RegistryLogins, Server};
pub use state::{BackUp, Restore, State};
pub use triggers::{
    AddTrigger, Adopt, ListTriggers, NativeTriggerOptions, RemoveTrigger, RunBy, TriggerFilter,
    TriggerStatus, Triggers,
};
pub use versions::{MatchOptions, Sort, Versions};

/// Watch the feeds of Octopus projects and create a release when an image or a chart changes.
#[derive(Debug, Parser)]
#[command(name = "feedctl", version, propagate_version = true, after_help = EXIT_CODES)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten, next_help_heading = GLOBAL)]
    pub server: Server,
    /// Print results in this format.
    #[arg(
        short = 'f',
        long,
        env = "FEEDCTL_OUTPUT_FORMAT",
        value_enum,
        global = true,
        value_name = "FORMAT",
        default_value_t = OutputFormat::Table,
        help_heading = GLOBAL
    )]
    pub output_format: OutputFormat,
    /// Disable prompts; missing values are errors. Implied when `CI` is set.
    #[arg(
        long,
        env = "FEEDCTL_NO_PROMPT",
        global = true,
        value_parser = FalseyValueParser::new(),
        help_heading = GLOBAL
    )]
    pub no_prompt: bool,
    /// Log in this format.
    #[arg(
        long,
        env = "FEEDCTL_LOG_FORMAT",
        value_enum,
        global = true,
        value_name = "FORMAT",
        default_value_t = LogFormat::Text,
        help_heading = GLOBAL
    )]
    pub log_format: LogFormat,
    /// Log to standard error: -v logs progress, -vv details.
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = GLOBAL)]
    pub verbose: u8,
}

/// The heading above the options that every command accepts.
const GLOBAL: &str = "Global options";

const EXIT_CODES: &str = "Exit codes:
  0  success
  1  failure; standard error has the reason
  2  invalid command line
  3  finished, but feeds or triggers failed, or doctor reports an error;
     the output names them
  4  the file differs from the applied one (diff only)";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Watch feeds and create releases until stopped.
    Run(Run),
    /// List, add, adopt, return, enable, disable and remove triggers.
    #[command(subcommand, visible_alias = "trigger")]
    Triggers(Triggers),
    /// Apply a trigger file, replacing the previous one.
    Apply(Apply),
    /// Show what applying a trigger file would change.
    Diff(FileSource),
    /// Print the applied trigger file.
    Export(Export),
    /// Check a trigger file for errors.
    Validate(FileSource),
    /// Print the JSON Schema of trigger files, for editors.
    Schema,
    /// Show triggers with their last outcome and release, feeds, and the last scheduler run.
    Status,
    /// Check Octopus, feeds, triggers and the stack for problems.
    Doctor,
    /// Print evaluations as they are recorded, until stopped.
    Tail,
    /// List feeds, and check one now.
    #[command(subcommand, visible_alias = "feed")]
    Feeds(Feeds),
    /// Show what a trigger would do now, and why; creates and stores nothing.
    Explain(ExplainOptions),
    /// Evaluate a trigger now and print the evaluation; with --stack, request it from the stack.
    Evaluate(EvaluateOptions),
    /// Compare the releases that a trigger would have created with those of its channel.
    Simulate(Simulate),
    /// Show past evaluations with their reasons, newest first.
    History(HistoryOptions),
    /// Inspect and redrive a stack's dead-letter queues.
    #[command(subcommand)]
    Dlq(Dlq),
    /// Add, list, rotate and remove receivers of webhooks.
    #[command(subcommand, visible_alias = "webhook")]
    Webhooks(Webhooks),
    /// Show and change the defaults of the global options.
    #[command(subcommand)]
    Config(Config),
    /// Back up and restore the state file.
    #[command(subcommand)]
    State(State),
    /// Print a completion script for a shell.
    Completion(Completion),
    /// Write manual pages.
    Man(Man),
    /// Serve the web console on loopback until stopped.
    Console(Serve),
    /// Sort or filter versions from standard input (one a line) by Octopus's rules.
    #[command(subcommand, visible_alias = "version")]
    Versions(Versions),
}

/// The format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Text for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// The format of results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// A table for people.
    Table,
    /// JSON, and nothing else on standard output.
    Json,
    /// Plain lines, separated by tabs.
    Basic,
}

/// The groups of commands in the help.
const GROUPS: [(&str, &[&str]); 5] = [
    ("Start here", &["doctor", "triggers", "run", "console"]),
    (
        "Observe",
        &["status", "history", "tail", "explain", "simulate", "feeds"],
    ),
    ("Act", &["evaluate", "webhooks", "dlq"]),
    (
        "Trigger files",
        &["apply", "diff", "export", "validate", "schema"],
    ),
    (
        "Tools",
        &["versions", "config", "state", "completion", "man"],
    ),
];

impl Cli {
    /// Parses the command line; environment variables and then the configuration file provide defaults.
    ///
    /// # Errors
    /// When the configuration file cannot be used. An invalid command line ends the process with 2.
    pub fn load() -> anyhow::Result<Self> {
        let command = settings::without_empty_variables(command());
        let arguments: Vec<_> = std::env::args_os().collect();
        let matches = command.clone().get_matches_from(&arguments);
        let path = settings::path();
        let is_config = matches.subcommand_name() == Some("config");
        let settings = match &path {
            // `config` must work with a file that cannot be used.
            Some(path) if !is_config => Settings::load(path)?,
            _ => Settings::default(),
        };
        let defaults = settings::defaults(&settings, &matches);
        if defaults.is_empty() {
            return Ok(Self::of(&matches)?);
        }
        let mut with_defaults = arguments;
        with_defaults.splice(1..1, defaults.into_iter().map(Into::into));
        let matches = command
            .try_get_matches_from(with_defaults)
            .map_err(|error| {
                let shown = path.map(|path| path.display().to_string());
                let error = error.to_string();
                let first = error.lines().next().unwrap_or_default();
                crate::exit::UsageError(format!(
                    "cannot use the configuration {}: {}",
                    shown.unwrap_or_default(),
                    first.trim_start_matches("error: ")
                ))
            })?;
        Ok(Self::of(&matches)?)
    }

    /// The options; a stack and a state file exclude each other, and the command line wins over the environment.
    fn of(matches: &clap::ArgMatches) -> Result<Self, clap::Error> {
        let mut cli = Self::from_arg_matches(matches)?;
        let is_typed = |id: &str| matches.value_source(id) == Some(ValueSource::CommandLine);
        match (is_typed("stack"), is_typed("state")) {
            (true, false) => cli.server.state = None,
            (false, true) => cli.server.stack = None,
            _ => {}
        }
        Ok(cli)
    }
}

/// The command line with its commands in groups.
pub fn command() -> clap::Command {
    let command = Cli::command();
    let mut groups = String::new();
    for (title, names) in GROUPS {
        groups.push_str(&format!("{title}:\n"));
        for name in names {
            let about = command
                .find_subcommand(name)
                .and_then(clap::Command::get_about);
            let about = about.map(ToString::to_string).unwrap_or_default();
            groups.push_str(&format!("  {name:<11} {about}\n"));
        }
        groups.push('\n');
    }
    command.help_template(format!(
        "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{groups}Global options:\n{{options}}{{after-help}}"
    ))
}

/// Parses a number from 1 to `MOST`.
fn number_up_to<const MOST: u16>(text: &str) -> Result<u16, String> {
    let number = text
        .parse()
        .ok()
        .filter(|number| (1..=MOST).contains(number));
    number.ok_or_else(|| format!("`{text}` is not a number from 1 to {MOST}"))
}

/// Parses an address with a port.
fn address(text: &str) -> Result<SocketAddr, String> {
    let address = text.parse();
    address.map_err(|_| {
        format!("`{text}` is not an address with a port; write it like 127.0.0.1:9464")
    })
}

/// Parses an interval such as `90s` or `5m`, or a number of seconds; from a second to a day.
fn interval(text: &str) -> Result<Span, String> {
    let span = match text.parse::<u32>() {
        Ok(seconds) => Span::from_seconds(seconds.into()),
        Err(_) => trigger_file::duration(text)?,
    };
    let allowed = Span::from_seconds(1)..=Span::from_hours(24);
    if allowed.contains(&span) {
        Ok(span)
    } else {
        Err("an interval is at least 1s and at most 1d".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_in_one_group_of_the_help() {
        let mut grouped: Vec<_> = GROUPS.iter().flat_map(|(_, names)| *names).collect();
        grouped.sort_unstable();
        let command = command();
        let mut names: Vec<_> = command
            .get_subcommands()
            .map(clap::Command::get_name)
            .collect();
        names.sort_unstable();
        assert!(grouped.into_iter().eq(&names), "{names:?}");
    }

    #[test]
    fn interval_accepts_durations_and_seconds() {
        for (text, seconds) in [("60", 60), ("90s", 90), ("5m", 300), ("1d", 86_400)] {
            assert_eq!(interval(text), Ok(Span::from_seconds(seconds)), "{text}");
        }
        for text in ["0", "2d", "-1", "soon", ""] {
            assert!(interval(text).is_err(), "{text}");
        }
    }

    #[test]
    fn every_global_option_has_a_variable_and_a_setting() {
        let command = Cli::command();
        let globals = command.get_arguments().filter(|one| one.is_global_set());
        for option in globals.filter(|one| one.get_id() != "verbose") {
            let name = option.get_long().unwrap_or_default();
            assert!(option.get_env().is_some(), "{name} has no variable");
            let is_setting = settings::is_known(name) || name == "access-token";
            assert!(is_setting, "{name} is not a setting");
        }
    }
}
