//! Options of `run` and `console`.

use clap::Args;
use domain::time::Span;

/// Options of `run`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  feedctl run\n  feedctl run --once --dry-run\n  feedctl run --check-interval 5m"
)]
pub struct Run {
    /// Read all triggers, check all feeds, evaluate all triggers once, and exit.
    #[arg(long)]
    pub once: bool,
    /// Decide and record, but create no release.
    #[arg(long)]
    pub dry_run: bool,
    /// Check each feed once in this time, from 1s to 1d; a number is in seconds.
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = super::interval)]
    pub check_interval: Span,
    /// Read the triggers from Octopus once in this time, from 1s to 1d; a number is in seconds.
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = super::interval)]
    pub refresh_interval: Span,
}

/// Options of `console`.
#[derive(Debug, Args)]
pub struct Serve {
    /// Listen on this port of 127.0.0.1; 0 selects a free one.
    #[arg(long, default_value_t = 8066)]
    pub port: u16,
    /// The time between two checks of a feed, as passed to `run` [default: the stack's, or 60s].
    #[arg(long, value_name = "DURATION", value_parser = super::interval)]
    pub check_interval: Option<Span>,
}
