//! Options of `explain`, `evaluate`, `simulate` and `history`.

use std::path::PathBuf;

use clap::Args;
use domain::history::Outcome;
use domain::time::Span;

/// Options of `explain`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  feedctl explain \"New images\"\n  feedctl explain ProjectTriggers-1 --source deploy-web -f json"
)]
pub struct ExplainOptions {
    /// The trigger's name or id.
    pub trigger: String,
    /// Show only this source, such as `deploy-web` or `deploy-web:web`.
    #[arg(long, value_name = "REFERENCE")]
    pub source: Option<String>,
}

/// Options of `evaluate`.
#[derive(Debug, Args)]
pub struct EvaluateOptions {
    /// The trigger's name or id.
    pub trigger: String,
    /// Decide and record, but create no release.
    #[arg(long)]
    pub dry_run: bool,
}

/// Options of `simulate`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  feedctl simulate \"New images\" --since 7d\n  feedctl simulate \"New images\" --options triggers.yaml"
)]
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
#[command(
    after_help = "Examples:\n  feedctl history\n  feedctl history \"New images\" --outcome Created,Failed --since 7d"
)]
pub struct HistoryOptions {
    /// The trigger's name or id [default: the latest evaluation of each trigger].
    pub trigger: Option<String>,
    /// Show at most this many evaluations.
    #[arg(long, default_value_t = 20, value_parser = super::number_up_to::<1_000>)]
    pub limit: u16,
    /// Show only evaluations of triggers of this project, by name.
    #[arg(short, long)]
    pub project: Option<String>,
    /// Show only these outcomes: Created, AlreadyReleased, Observed, Waiting, Skipped, Refused or Failed; separate
    /// several by commas.
    #[arg(long, value_delimiter = ',', value_parser = outcome)]
    pub outcome: Vec<Outcome>,
    /// Show only evaluations of this last period, such as 90s, 5m, 24h or 7d.
    #[arg(long, value_name = "DURATION", value_parser = trigger_file::duration)]
    pub since: Option<Span>,
}

/// All outcomes.
const OUTCOMES: [Outcome; 7] = [
    Outcome::Created,
    Outcome::AlreadyReleased,
    Outcome::Observed,
    Outcome::Waiting,
    Outcome::Skipped,
    Outcome::Refused,
    Outcome::Failed,
];

/// Parses an outcome; case is ignored.
pub(super) fn outcome(text: &str) -> Result<Outcome, String> {
    let known = OUTCOMES.iter();
    let mut known = known.filter(|one| one.name().eq_ignore_ascii_case(text));
    known.next().copied().ok_or_else(|| {
        let names = OUTCOMES.map(Outcome::name).join(", ");
        format!("unknown outcome; the outcomes are: {names}")
    })
}
