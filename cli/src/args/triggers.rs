//! Octopus's own triggers: `triggers list`, `add`, `adopt` and `return`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

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
    pub include_disabled: bool,
}
