//! The command line. Its manners are those of the Octopus CLI: the same environment variables, the same
//! names of options.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use domain::feed::FeedKind;
use domain::time::Span;
use domain::trigger::NativeTriggers;
use engine::ports::QueueKind;
use secrecy::SecretString;

/// Watches the feeds that Octopus projects use, and creates releases when images or charts change.
#[derive(Debug, Parser)]
#[command(name = "feedctl", version, propagate_version = true, after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Octopus, and how to speak to it.
    #[command(flatten)]
    pub server: Server,
    /// How to show results.
    #[arg(short = 'f', long, value_enum, global = true, default_value_t = OutputFormat::Table)]
    pub output_format: OutputFormat,
    /// Never ask for anything: what is missing is an error.
    #[arg(long, global = true)]
    pub no_prompt: bool,
    /// Say more on standard error: once for what happens, twice for details.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

const EXIT_CODES: &str = "Exit codes:
  0  everything that was asked for was done
  1  it could not be done; standard error says why
  2  the command line cannot be used
  3  it was done, but feeds or triggers failed on the way, or something is wrong (doctor); the output
     names them
  4  the file and what is applied differ (diff alone)";

/// Octopus, and how to speak to it.
#[derive(Debug, Args)]
pub struct Server {
    /// The address of the Octopus Server.
    #[arg(long, env = "OCTOPUS_URL", global = true, value_name = "URL")]
    pub server: Option<String>,
    /// An API key of the user that creates the releases.
    #[arg(
        long,
        env = "OCTOPUS_API_KEY",
        global = true,
        value_name = "KEY",
        hide_env_values = true,
        value_parser = secret
    )]
    pub api_key: Option<SecretString>,
    /// An access token in place of an API key, for the Octopus CLI's sake.
    #[arg(
        long,
        env = "OCTOPUS_ACCESS_TOKEN",
        global = true,
        value_name = "TOKEN",
        hide_env_values = true,
        hide = true,
        value_parser = secret
    )]
    pub access_token: Option<SecretString>,
    /// The space, by name or id; several separated by commas, `*` for all.
    #[arg(
        short,
        long,
        env = "OCTOPUS_SPACE",
        global = true,
        value_delimiter = ',',
        default_value = "Default"
    )]
    pub space: Vec<String>,
    /// The file that holds what is remembered between runs.
    #[arg(
        long,
        global = true,
        default_value = "feed-triggers.sqlite",
        value_name = "FILE"
    )]
    pub state: PathBuf,
    /// A deployed stack, by its name, instead of a file; region and credentials are found as the AWS CLI
    /// finds them.
    #[arg(
        long,
        env = "FEEDCTL_STACK",
        global = true,
        value_name = "NAME",
        conflicts_with = "state"
    )]
    pub stack: Option<String>,
    /// The profile of AWS's configuration to use for the stack, instead of `AWS_PROFILE`'s.
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// The region of the stack, instead of the profile's or `AWS_REGION`'s.
    #[arg(long, global = true, value_name = "NAME")]
    pub region: Option<String>,
    /// A private network that may be reached, such as 10.1.0.0/16; can be given more than once.
    #[arg(
        long = "allow-network",
        global = true,
        value_name = "CIDR",
        value_delimiter = ','
    )]
    pub allow_network: Vec<String>,
    /// The most that the index of a Helm repository may have, in MiB; a larger one is an error.
    #[arg(
        long,
        global = true,
        value_name = "MIB",
        default_value_t = feeds::INDEX_MEBIBYTES,
        value_parser = clap::value_parser!(u16).range(1..=1024)
    )]
    pub helm_index_max_mib: u16,
    /// Which of Octopus's own triggers to run: those marked `#feed-triggers`, also the enabled, none.
    #[arg(long, global = true, default_value = "marked", value_name = "WHICH")]
    pub native_triggers: NativeTriggers,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Watch feeds and create releases until stopped.
    Run(Run),
    /// Triggers.
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
    /// Order and judge versions as Octopus does; they come on standard input, one a line.
    #[command(subcommand)]
    Versions(Versions),
}

/// Options of `run`.
#[derive(Debug, Args)]
pub struct Run {
    /// One full round now: the list read anew, every feed checked, every trigger evaluated.
    #[arg(long)]
    pub once: bool,
    /// Decide and record, but create nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Seconds between two checks of a feed.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub check_interval: u32,
    /// Seconds between two readings of the triggers.
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub refresh_interval: u32,
}

/// Commands about triggers.
#[derive(Debug, Subcommand)]
pub enum Triggers {
    /// All external feed triggers, Octopus's and the file's, with who runs them and their last outcome.
    List,
    /// Add one, in the steps of Octopus's own dialogue; what the options do not say is asked for.
    Add(AddTrigger),
    /// Take one of Octopus's own triggers over: switch it off there and mark it, so that it is run here.
    Adopt(Adopt),
    /// Give a trigger back to Octopus: take the mark away and switch it on there.
    Return(NativeTrigger),
}

/// Options of `triggers add`.
#[derive(Debug, Args)]
pub struct AddTrigger {
    /// Its name.
    #[arg(long)]
    pub name: Option<String>,
    /// What it is for.
    #[arg(long)]
    pub description: Option<String>,
    /// The project, by name, slug or id.
    #[arg(short, long)]
    pub project: Option<String>,
    /// The channel, by name, slug or id; the project's default channel, where nobody can be asked.
    #[arg(short, long)]
    pub channel: Option<String>,
    /// A package reference to watch, such as `deploy-web` or `deploy-web:web`; can be given more than once.
    #[arg(long, value_name = "REFERENCE", conflicts_with = "all_sources")]
    pub source: Vec<String>,
    /// Watch every package reference of the process that can be watched.
    #[arg(long)]
    pub all_sources: bool,
    /// Who runs it: this program (it is created switched off and marked), or Octopus.
    #[arg(long, value_enum, value_name = "WHO", conflicts_with = "file")]
    pub run_by: Option<RunBy>,
    /// Write it to this file of triggers, and not into Octopus; made if it is not there.
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Only say what would be added.
    #[arg(long)]
    pub dry_run: bool,
}

impl AddTrigger {
    /// Whether it says what is watched.
    pub fn names_sources(&self) -> bool {
        self.all_sources || !self.source.is_empty()
    }
}

/// Who runs a trigger of Octopus's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RunBy {
    /// This program.
    Feedctl,
    /// Octopus.
    Octopus,
}

/// Options of `completion`.
#[derive(Debug, Args)]
pub struct Completion {
    /// The shell.
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// Options of `man`.
#[derive(Debug, Args)]
pub struct Man {
    /// The folder that the pages are written to; made if it is not there.
    #[arg(long, value_name = "FOLDER")]
    pub out: PathBuf,
}

/// One of Octopus's own triggers.
#[derive(Debug, Args)]
pub struct NativeTrigger {
    /// The trigger, by name or id.
    pub trigger: String,
    /// Its project, by name or id, where several triggers have the name.
    #[arg(short, long)]
    pub project: Option<String>,
}

/// Options of `triggers adopt`.
#[derive(Debug, Args)]
pub struct Adopt {
    /// Which.
    #[command(flatten)]
    pub trigger: NativeTrigger,
    /// Also if somebody switched it off, so that it runs again.
    #[arg(long)]
    pub although_off: bool,
}

/// A file of triggers.
#[derive(Debug, Args)]
pub struct Source {
    /// The file; `-` for standard input.
    pub file: PathBuf,
    /// Do not ask Octopus whether the projects, channels and packages exist.
    #[arg(long)]
    pub offline: bool,
}

/// Options of `apply`.
#[derive(Debug, Args)]
pub struct Apply {
    /// The file.
    #[command(flatten)]
    pub source: Source,
    /// Only show what would change.
    #[arg(long)]
    pub dry_run: bool,
}

/// Options of `export`.
#[derive(Debug, Args)]
pub struct Export {
    /// Octopus's own external feed triggers too, as triggers of the file.
    #[arg(long)]
    pub native: bool,
}

/// Commands about feeds.
#[derive(Debug, Subcommand)]
pub enum Feeds {
    /// The feeds that triggers use, how each is read and how its last check ended.
    List(ListFeeds),
    /// Read packages of a feed now and say what came of it; nothing that is found is kept.
    Check(CheckFeed),
}

/// Options of `feeds list`.
#[derive(Debug, Args)]
pub struct ListFeeds {
    /// Every feed of the spaces, whether a trigger uses it or not.
    #[arg(long)]
    pub all: bool,
    /// Seconds between two checks of a feed, as `run` is told.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub check_interval: u32,
}

/// Options of `feeds check`.
#[derive(Debug, Args)]
pub struct CheckFeed {
    /// The feed, by name or id.
    pub feed: String,
    /// The package; without one, all that triggers watch.
    pub package: Option<String>,
}

/// Options of `explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// The trigger, by name or id.
    pub trigger: String,
    /// Only this source, such as `deploy-web` or `deploy-web:web`.
    #[arg(long, value_name = "REFERENCE")]
    pub source: Option<String>,
}

/// Options of `evaluate`.
#[derive(Debug, Args)]
pub struct Evaluate {
    /// The trigger, by name or id.
    pub trigger: String,
    /// Decide and record, but create nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// Options of `simulate`.
#[derive(Debug, Args)]
pub struct Simulate {
    /// The trigger, by name or id.
    pub trigger: String,
    /// How far back: 90s, 5m, 24h, 7d.
    #[arg(long, default_value = "30d", value_parser = trigger_file::duration)]
    pub since: Span,
    /// With the options of this file's trigger of the same name, or of its only one.
    #[arg(long, value_name = "FILE")]
    pub options: Option<PathBuf>,
}

/// Options of `history`.
#[derive(Debug, Args)]
pub struct History {
    /// A trigger, by name or id; without one, the newest evaluation of every trigger.
    pub trigger: Option<String>,
    /// At most so many evaluations.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    pub limit: u16,
}

/// Commands about dead letters. They are about a stack.
#[derive(Debug, Subcommand)]
pub enum Dlq {
    /// What was given up, and what it was about. Each look counts as one more delivery.
    List(ListLetters),
    /// One dead letter, with all it says.
    Show(ShowLetter),
    /// Hand dead letters back to the queues they were given up in.
    Redrive(ClearLetters),
    /// Throw dead letters away.
    Discard(ClearLetters),
}

/// Options of `dlq list`.
#[derive(Debug, Args)]
pub struct ListLetters {
    /// Only those of this queue: schedule, checks, releases, pushes.
    #[arg(long, value_name = "QUEUE")]
    pub queue: Option<QueueKind>,
    /// At most so many of each queue.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    pub limit: u16,
}

/// Options of `dlq show`.
#[derive(Debug, Args)]
pub struct ShowLetter {
    /// Its id, as `dlq list` shows it.
    pub id: String,
    /// The queue it was given up in; without, all are looked through.
    #[arg(long, value_name = "QUEUE")]
    pub queue: Option<QueueKind>,
}

/// Options of `dlq redrive` and `dlq discard`.
#[derive(Debug, Args)]
pub struct ClearLetters {
    /// Their ids, as `dlq list` shows them.
    #[arg(required_unless_present = "all")]
    pub ids: Vec<String>,
    /// All that are there now, at most 1000 of each queue.
    #[arg(long, conflicts_with = "ids")]
    pub all: bool,
    /// Only those of this queue: schedule, checks, releases, pushes.
    #[arg(long, value_name = "QUEUE")]
    pub queue: Option<QueueKind>,
}

/// Commands about versions.
#[derive(Debug, Subcommand)]
pub enum Versions {
    /// Print versions newest first.
    Sort(Sort),
    /// Print the versions that a rule permits, newest first.
    Match(Match),
}

/// Options of `versions sort`.
#[derive(Debug, Args)]
pub struct Sort {
    /// The kind of feed that the versions are from, as Octopus calls it: Docker, Helm, NuGet, Maven, ...
    #[arg(long, value_name = "KIND", value_parser = feed_type)]
    pub feed_type: FeedKind,
}

/// Options of `versions match`.
#[derive(Debug, Args)]
pub struct Match {
    /// The kind of feed that the versions are from, as Octopus calls it: Docker, Helm, NuGet, Maven, ...
    #[arg(long, value_name = "KIND", value_parser = feed_type)]
    pub feed_type: FeedKind,
    /// A range in NuGet's notation, or Maven's for Maven feeds.
    #[arg(long, value_name = "RANGE")]
    pub version_range: Option<String>,
    /// A regular expression on the pre-release text.
    #[arg(long, value_name = "REGEX")]
    pub pre_release_tag: Option<String>,
    /// A regular expression on the whole version.
    #[arg(long, value_name = "REGEX")]
    pub version_tag_regex: Option<String>,
    /// Print every version with its verdict.
    #[arg(long)]
    pub explain: bool,
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

/// A feed type by Octopus's name, without case.
fn feed_type(text: &str) -> Result<FeedKind, String> {
    let known = FEED_TYPES
        .iter()
        .find(|name| name.eq_ignore_ascii_case(text));
    known
        .map(|name| FeedKind::from_feed_type(name))
        .ok_or_else(|| {
            format!(
                "it is none of Octopus's feed types: {}",
                FEED_TYPES.join(", ")
            )
        })
}

/// Octopus's feed types.
const FEED_TYPES: [&str; 16] = [
    "ArtifactoryGeneric",
    "AwsElasticContainerRegistry",
    "AzureContainerRegistry",
    "BuiltIn",
    "Docker",
    "GcsStorage",
    "GitHub",
    "GoogleContainerRegistry",
    "Helm",
    "Maven",
    "Npm",
    "NuGet",
    "OciRegistry",
    "OctopusProject",
    "PyPi",
    "S3",
];

#[expect(clippy::unnecessary_wraps, reason = "the shape of a clap value parser")]
fn secret(text: &str) -> Result<SecretString, String> {
    Ok(SecretString::from(text.to_owned()))
}
