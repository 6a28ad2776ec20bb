//! The command line. Its manners are those of the Octopus CLI: the same environment variables, the same
//! names of options. What concerns every command and the list of commands stand here; the options of each
//! group of commands have a file.

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
pub use dlq::{ClearLetters, Dlq, ListLetters, ShowLetter};
pub use feeds::{CheckFeed, Feeds, ListFeeds};
pub use files::{Apply, Export, Source};
pub use reference::{Completion, Man};
pub use run::{Run, Serve};
pub use server::Server;
pub use triggers::{AddTrigger, Adopt, NativeTrigger, RunBy, Triggers};
pub use versions::{Match, Sort, Versions};

/// Watches the feeds that Octopus projects use, and creates releases when images or charts change.
#[derive(Debug, Parser)]
#[command(name = "feedctl", version, propagate_version = true, after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Octopus, and how to speak to it.
    #[command(flatten, next_help_heading = GLOBAL)]
    pub server: Server,
    /// How to show results.
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
    /// Never ask for anything: what is missing is an error. So it is where `CI` says that nobody is there.
    #[arg(
        long,
        env = "CI",
        global = true,
        value_parser = FalseyValueParser::new(),
        help_heading = GLOBAL
    )]
    pub no_prompt: bool,
    /// Say more on standard error: once for what happens, twice for details.
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = GLOBAL)]
    pub verbose: u8,
}

/// Above the options that every command takes, so that a command's own stand out.
const GLOBAL: &str = "Global options";

const EXIT_CODES: &str = "Exit codes:
  0  everything that was asked for was done
  1  it could not be done; standard error says why
  2  the command line cannot be used
  3  it was done, but feeds or triggers failed on the way, or doctor found
     something wrong; the output names them
  4  the file and what is applied differ (diff alone)";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Watch feeds and create releases until stopped.
    Run(Run),
    /// Triggers: list, add, adopt and return them.
    #[command(subcommand)]
    Triggers(Triggers),
    /// Put the triggers of a file in place of those that were applied before.
    Apply(Apply),
    /// What would change if a file were applied.
    Diff(Source),
    /// Print what is applied, as a file.
    Export(Export),
    /// Say what is wrong with a file.
    Validate(Source),
    /// Print the JSON Schema of a file, for editors.
    Schema,
    /// What goes on: triggers with their last outcome and release, feeds, the last round.
    Status,
    /// Look after everything: what is wrong, and what to do about it.
    Doctor,
    /// Evaluations as they happen, until stopped.
    Tail,
    /// Feeds: how each is read, and what it holds.
    #[command(subcommand)]
    Feeds(Feeds),
    /// What a trigger would do now, and why; nothing is created or kept.
    Explain(Explain),
    /// Evaluate a trigger now, and show the evaluation; of a stack, ask for it.
    Evaluate(Evaluate),
    /// The releases that a trigger would have made, beside those that were made in its channel.
    Simulate(Simulate),
    /// What became of triggers' evaluations, and why; newest first.
    History(History),
    /// What a stack has given up on: its dead letters.
    #[command(subcommand)]
    Dlq(Dlq),
    /// Print what a shell needs to complete commands and options.
    Completion(Completion),
    /// Write manual pages.
    Man(Man),
    /// Serve the console on loopback, until stopped: triggers, feeds and health as pages for a browser.
    Console(Serve),
    /// Order and judge versions as Octopus does; they come on standard input, one a line.
    #[command(subcommand)]
    Versions(Versions),
}

/// How results are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// A table for people.
    Table,
    /// JSON, and nothing else on standard output.
    Json,
    /// Plain lines.
    Basic,
}
