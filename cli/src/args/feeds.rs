//! Options of `feeds list` and `feeds check`.

use clap::{Args, Subcommand};
use domain::time::Span;

/// Commands about feeds.
#[derive(Debug, Subcommand)]
pub enum Feeds {
    /// List the feeds that triggers use, with how each is read and the result of its last check.
    #[command(visible_alias = "ls")]
    List(ListFeeds),
    /// Read packages of a feed now and report the result; stores nothing without --keep.
    #[command(
        after_help = "Examples:\n  feedctl feeds check \"Docker Hub\" acme/web\n  feedctl feeds check \"Docker Hub\" --keep"
    )]
    Check(CheckFeed),
}

/// Options of `feeds list`.
#[derive(Debug, Args)]
pub struct ListFeeds {
    /// List all feeds of the spaces, including those that no trigger uses.
    #[arg(long)]
    pub all: bool,
    /// The time between two checks of a feed, as passed to `run` [default: the stack's, or 60s].
    #[arg(long, value_name = "DURATION", value_parser = super::interval)]
    pub check_interval: Option<Span>,
}

/// Options of `feeds check`.
#[derive(Debug, Args)]
pub struct CheckFeed {
    /// The feed's name or id.
    pub feed: String,
    /// The package [default: all that triggers watch].
    pub package: Option<String>,
    /// Store the result and evaluate the triggers that it changes, as a scheduled check does; `run` can continue
    /// meanwhile.
    #[arg(long, conflicts_with = "package")]
    pub keep: bool,
}
