//! Options of `state`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Commands about the state file.
#[derive(Debug, Subcommand)]
pub enum State {
    /// Write a consistent copy of the state file; `run` can continue meanwhile.
    #[command(after_help = "Examples:\n  feedctl state backup feed-triggers.backup")]
    Backup(BackUp),
    /// Replace the state file by a backup; stop `run` first.
    Restore(Restore),
}

/// Options of `state backup`.
#[derive(Debug, Args)]
pub struct BackUp {
    /// The file to write; it must not exist.
    pub file: PathBuf,
}

/// Options of `state restore`.
#[derive(Debug, Args)]
pub struct Restore {
    /// A file that `state backup` wrote.
    pub file: PathBuf,
    /// Replace a state file that exists.
    #[arg(long)]
    pub replace: bool,
}
