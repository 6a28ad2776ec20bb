//! What shells and manuals are told: `completion` and `man`.

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
    /// The folder that the pages are written to; made if it is not there.
    #[arg(long, value_name = "FOLDER")]
    pub out: PathBuf,
}
