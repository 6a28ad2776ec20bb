//! What triggers decide: `explain`, `evaluate`, `simulate` and `history`.

use std::path::PathBuf;

use clap::Args;
use domain::time::Span;

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
