//! Options of `feeds list` and `feeds check`.

use clap::{Args, Subcommand};

/// Commands about feeds.
#[derive(Debug, Subcommand)]
pub enum Feeds {
    /// List the feeds that triggers use, with how each is read and the result of its last check.
    List(ListFeeds),
    /// Read packages of a feed now and report the result; stores nothing.
    Check(CheckFeed),
}

/// Options of `feeds list`.
#[derive(Debug, Args)]
pub struct ListFeeds {
    /// List all feeds of the spaces, including those that no trigger uses.
    #[arg(long)]
    pub all: bool,
    /// The seconds between two checks of a feed, as passed to `run` [default: the stack's, or 60].
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub check_interval: Option<u32>,
}

/// Options of `feeds check`.
#[derive(Debug, Args)]
pub struct CheckFeed {
    /// The feed's name or id.
    pub feed: String,
    /// The package [default: all that triggers watch].
    pub package: Option<String>,
}
