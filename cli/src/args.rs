//! The command line. Environment variables and option names follow the Octopus CLI. This file contains the
//! global options and the list of commands; each group of commands has a file with its options.

mod decisions;
mod dlq;
mod feeds;
mod files;
mod reference;
mod run;
mod server;
mod triggers;
mod versions;

use clap::builder::FalseyValueParser;
use clap::{Parser, Subcommand, ValueEnum};

pub use decisions::{Evaluate, Explain, History, Simulate};
pub use dlq::{Dlq, ListMessages, SelectMessages, ShowMessage};
pub use feeds::{CheckFeed, Feeds, ListFeeds};
pub use files::{Apply, Export, Source};
pub use reference::{Completion, Man};
pub use run::{Run, Serve};
pub use server::Server;
pub use triggers::{AddTrigger, Adopt, NativeTrigger, RunBy, Triggers};
pub use versions::{Match, Sort, Versions};

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
        env = "CI",
        global = true,
        value_parser = FalseyValueParser::new(),
        help_heading = GLOBAL
    )]
    pub no_prompt: bool,
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
    /// List, add, adopt and return triggers.
    #[command(subcommand)]
    Triggers(Triggers),
    /// Apply a trigger file, replacing the previous one.
    Apply(Apply),
    /// Show what applying a trigger file would change.
    Diff(Source),
    /// Print the applied trigger file.
    Export(Export),
    /// Check a trigger file for errors.
    Validate(Source),
    /// Print the JSON Schema of trigger files, for editors.
    Schema,
    /// Show triggers with their last outcome and release, feeds, and the last scheduler run.
    Status,
    /// Check Octopus, feeds, triggers and the stack for problems.
    Doctor,
    /// Print evaluations as they are recorded, until stopped.
    Tail,
    /// List feeds, and check one now.
    #[command(subcommand)]
    Feeds(Feeds),
    /// Show what a trigger would do now, and why; creates and stores nothing.
    Explain(Explain),
    /// Evaluate a trigger now and print the evaluation; with --stack, request it from the stack.
    Evaluate(Evaluate),
    /// Compare the releases that a trigger would have created with those of its channel.
    Simulate(Simulate),
    /// Show past evaluations with their reasons, newest first.
    History(History),
    /// Inspect and redrive a stack's dead-letter queues.
    #[command(subcommand)]
    Dlq(Dlq),
    /// Print a completion script for a shell.
    Completion(Completion),
    /// Write manual pages.
    Man(Man),
    /// Serve the web console on loopback until stopped.
    Console(Serve),
    /// Sort or filter versions from standard input (one a line) by Octopus's rules.
    #[command(subcommand)]
    Versions(Versions),
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
