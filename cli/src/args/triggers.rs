//! Options of `triggers list`, `add`, `adopt` and `return`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use domain::history::Outcome;
use domain::time::Span;

/// Commands about triggers.
#[derive(Debug, Subcommand)]
pub enum Triggers {
    /// List all external feed triggers of Octopus and of the trigger file, with their last outcome.
    #[command(visible_alias = "ls")]
    List(ListTriggers),
    /// Add a trigger, in the steps of Octopus's own dialog; prompts for options that are not given.
    Add(AddTrigger),
    /// Adopt one of Octopus's own triggers: disable it in Octopus and mark it, so that feedctl runs it.
    Adopt(Adopt),
    /// Return a trigger to Octopus: remove the mark and enable it in Octopus.
    Return(NativeTriggerOptions),
    /// Enable a trigger, so that feedctl runs it: in the applied file, or by adopting it in Octopus.
    Enable(NativeTriggerOptions),
    /// Disable a trigger, so that neither feedctl nor Octopus runs it.
    Disable(NativeTriggerOptions),
    /// Remove a trigger from the applied file or from Octopus.
    #[command(visible_alias = "rm")]
    Remove(RemoveTrigger),
}

/// Options of `triggers remove`.
#[derive(Debug, Args)]
pub struct RemoveTrigger {
    #[command(flatten)]
    pub trigger: NativeTriggerOptions,
    /// Remove without a prompt for confirmation.
    #[arg(long)]
    pub yes: bool,
}

/// Options of `triggers list`.
#[derive(Debug, Args)]
pub struct ListTriggers {
    #[command(flatten)]
    pub filter: TriggerFilter,
}

/// Selects triggers; all conditions must match.
#[derive(Clone, Debug, Default, Args)]
pub struct TriggerFilter {
    /// Show only triggers of this project, by name.
    #[arg(short, long)]
    pub project: Option<String>,
    /// Show only triggers with this status: `failing`, `stalled`, `paused`, `ok`, `disabled`; separate several by
    /// commas.
    #[arg(long, value_enum, value_delimiter = ',')]
    pub status: Vec<TriggerStatus>,
    /// Show only triggers with these last outcomes, such as Created or Failed; separate several by commas.
    #[arg(long, value_delimiter = ',', value_parser = super::decisions::outcome)]
    pub outcome: Vec<Outcome>,
    /// Show only triggers that were evaluated in this last period, such as 90s, 5m, 24h or 7d.
    #[arg(long, value_name = "DURATION", value_parser = trigger_file::duration)]
    pub since: Option<Span>,
}

/// The status of a trigger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TriggerStatus {
    /// It has a problem, its last evaluation failed, or it is stalled.
    Failing,
    /// No evaluation has succeeded for four hours.
    Stalled,
    /// It pauses after a failed evaluation.
    Paused,
    /// It runs without a problem.
    Ok,
    /// Neither feedctl nor Octopus runs it.
    Disabled,
}

/// Options of `triggers add`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  feedctl triggers add\n  feedctl triggers add --name \"New images\" -p \"Web Shop\" --all-sources"
)]
pub struct AddTrigger {
    /// The trigger's name.
    #[arg(long)]
    pub name: Option<String>,
    /// The trigger's description.
    #[arg(long)]
    pub description: Option<String>,
    /// The project's name, slug or id.
    #[arg(short, long)]
    pub project: Option<String>,
    /// The channel's name, slug or id [default: the project's default channel].
    #[arg(short, long)]
    pub channel: Option<String>,
    /// Watch this package reference, such as `deploy-web` or `deploy-web:web`; can be repeated.
    #[arg(long, value_name = "REFERENCE", conflicts_with = "all_sources")]
    pub source: Vec<String>,
    /// Watch all package references of the process that can be watched.
    #[arg(long)]
    pub all_sources: bool,
    /// Run it by feedctl (it is created disabled and marked) or by Octopus [default: feedctl].
    #[arg(long, value_enum, value_name = "WHO", conflicts_with = "file")]
    pub run_by: Option<RunBy>,
    /// Write it to this trigger file instead of Octopus; the file is created if it does not exist.
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Show the trigger, without adding it.
    #[arg(long)]
    pub dry_run: bool,
}

impl AddTrigger {
    /// Whether the options select the sources.
    pub fn selects_sources(&self) -> bool {
        self.all_sources || !self.source.is_empty()
    }
}

/// The program that runs a trigger of Octopus's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RunBy {
    /// feedctl: the trigger is disabled in Octopus and marked.
    Feedctl,
    /// Octopus, on its own schedule.
    Octopus,
}

/// One of Octopus's own triggers.
#[derive(Debug, Args)]
pub struct NativeTriggerOptions {
    /// The trigger's name or id.
    pub trigger: String,
    /// The project's name or id, if several triggers have the same name.
    #[arg(short, long)]
    pub project: Option<String>,
}

/// Options of `triggers adopt`.
#[derive(Debug, Args)]
pub struct Adopt {
    #[command(flatten)]
    pub trigger: NativeTriggerOptions,
    /// Adopt the trigger even if it is disabled in Octopus; it then runs again.
    #[arg(long)]
    pub include_disabled: bool,
}
