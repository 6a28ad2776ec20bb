//! What runs until it is stopped: `run` and `console`.

use clap::Args;

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

/// Options of `console`.
#[derive(Debug, Args)]
pub struct Serve {
    /// The port on 127.0.0.1; 0 for any that is free.
    #[arg(long, default_value_t = 8066)]
    pub port: u16,
    /// Seconds between two checks of a feed, as `run` is told; else as the stack has it, or 60.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub check_interval: Option<u32>,
}
