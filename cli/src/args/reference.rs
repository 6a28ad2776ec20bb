//! Options of `completion` and `man`.

use std::path::PathBuf;

use clap::Args;

/// Options of `completion`.
#[derive(Debug, Args)]
pub struct Completion {
    /// The shell.
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// Options of `man`.
#[derive(Debug, Args)]
pub struct Man {
    /// Write the pages to this folder; it is created if it does not exist.
    #[arg(long, value_name = "FOLDER")]
    pub out: PathBuf,
}
