//! Options of `run` and `console`.

use clap::Args;

/// Options of `run`.
#[derive(Debug, Args)]
pub struct Run {
    /// Read all triggers, check all feeds, evaluate all triggers once, and exit.
    #[arg(long)]
    pub once: bool,
    /// Decide and record, but create no release.
    #[arg(long)]
    pub dry_run: bool,
    /// Check each feed every so many seconds.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub check_interval: u32,
    /// Read the triggers from Octopus every so many seconds.
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub refresh_interval: u32,
}

/// Options of `console`.
#[derive(Debug, Args)]
pub struct Serve {
    /// Listen on this port of 127.0.0.1; 0 selects a free one.
    #[arg(long, default_value_t = 8066)]
    pub port: u16,
    /// The seconds between two checks of a feed, as passed to `run` [default: the stack's, or 60].
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub check_interval: Option<u32>,
}
