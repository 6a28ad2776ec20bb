//! `feeds list` and `feeds check`.

use clap::{Args, Subcommand};

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
    /// Seconds between two checks of a feed, as `run` is told; else as the stack has it, or 60.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub check_interval: Option<u32>,
}

/// Options of `feeds check`.
#[derive(Debug, Args)]
pub struct CheckFeed {
    /// The feed, by name or id.
    pub feed: String,
    /// The package; without one, all that triggers watch.
    pub package: Option<String>,
}
