//! Options of `apply`, `diff`, `export` and `validate`.

use std::path::PathBuf;

use clap::Args;

/// A trigger file.
#[derive(Debug, Args)]
pub struct FileSource {
    /// The trigger file; `-` reads standard input.
    pub file: PathBuf,
    /// Do not look up projects, channels and packages in Octopus.
    #[arg(long)]
    pub offline: bool,
}

/// Options of `apply`.
#[derive(Debug, Args)]
pub struct Apply {
    #[command(flatten)]
    pub source: FileSource,
    /// Show what would change, without applying it.
    #[arg(long)]
    pub dry_run: bool,
}

/// Options of `export`.
#[derive(Debug, Args)]
pub struct Export {
    /// Include Octopus's own external feed triggers, as triggers of the file.
    #[arg(long)]
    pub native: bool,
}
