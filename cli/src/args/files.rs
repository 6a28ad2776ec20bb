//! Files of triggers: `apply`, `diff`, `export` and `validate`.

use std::path::PathBuf;

use clap::Args;

/// A file of triggers.
#[derive(Debug, Args)]
pub struct Source {
    /// The file; `-` for standard input.
    pub file: PathBuf,
    /// Do not ask Octopus whether the projects, channels and packages exist.
    #[arg(long)]
    pub offline: bool,
}

/// Options of `apply`.
#[derive(Debug, Args)]
pub struct Apply {
    /// The file.
    #[command(flatten)]
    pub source: Source,
    /// Only show what would change.
    #[arg(long)]
    pub dry_run: bool,
}

/// Options of `export`.
#[derive(Debug, Args)]
pub struct Export {
    /// Octopus's own external feed triggers too, as triggers of the file.
    #[arg(long)]
    pub native: bool,
}
