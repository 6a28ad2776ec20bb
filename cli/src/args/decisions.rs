//! Options of `explain`, `evaluate`, `simulate` and `history`.

use std::path::PathBuf;

use clap::Args;
use domain::time::Span;

/// Options of `explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// The trigger's name or id.
    pub trigger: String,
    /// Show only this source, such as `deploy-web` or `deploy-web:web`.
    #[arg(long, value_name = "REFERENCE")]
    pub source: Option<String>,
}

/// Options of `evaluate`.
#[derive(Debug, Args)]
pub struct Evaluate {
    /// The trigger's name or id.
    pub trigger: String,
    /// Decide and record, but create no release.
    #[arg(long)]
    pub dry_run: bool,
}

/// Options of `simulate`.
#[derive(Debug, Args)]
pub struct Simulate {
    /// The trigger's name or id.
    pub trigger: String,
    /// Start this long ago, such as 90s, 5m, 24h or 7d.
    #[arg(long, default_value = "30d", value_parser = trigger_file::duration)]
    pub since: Span,
    /// Use the options from this trigger file: those of the trigger with the same name, or of its only one.
    #[arg(long, value_name = "FILE")]
    pub options: Option<PathBuf>,
}

/// Options of `history`.
#[derive(Debug, Args)]
pub struct History {
    /// The trigger's name or id [default: the latest evaluation of each trigger].
    pub trigger: Option<String>,
    /// Show at most this many evaluations.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    pub limit: u16,
}
