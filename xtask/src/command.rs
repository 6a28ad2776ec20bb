//! Starting programs.

use std::ffi::OsStr;
use std::process::Command;

use anyhow::{Context, bail};

/// The variables that cargo sets for the program that it runs. A cargo started from here would find them changed
/// and build again what depends on them.
const CARGOS_OWN: [&str; 5] = [
    "CARGO_PKG_",
    "CARGO_MANIFEST_",
    "CARGO_CRATE_",
    "CARGO_BIN_",
    "CARGO_PRIMARY_",
];

/// A program that starts as if from the shell.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if CARGOS_OWN.iter().any(|prefix| text.starts_with(prefix)) {
            command.env_remove(&name);
        }
    }
    command
}

/// Runs a program to its end; its output is the task's.
pub(crate) fn run_program(command: &mut Command) -> anyhow::Result<()> {
    let line = shown(command);
    let status = command
        .status()
        .with_context(|| format!("`{line}` cannot be started"))?;
    if !status.success() {
        bail!("`{line}` failed: {status}");
    }
    Ok(())
}

/// Whether a program can be started at all.
pub(crate) fn exists(program: &str, version: &str) -> bool {
    let mut command = command(program);
    command.arg(version);
    command.output().is_ok_and(|output| output.status.success())
}

/// The command's line, for people.
pub(crate) fn shown(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let name = program.file_name().unwrap_or(command.get_program());
    std::iter::once(name)
        .chain(command.get_args())
        .map(OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}
