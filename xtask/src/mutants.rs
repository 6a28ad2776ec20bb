//! `cargo xtask mutants`: whether a test notices when the code decides otherwise.

use std::ffi::OsString;
use std::process::ExitCode;

use crate::command::{command, run_program};
use crate::tools;
use crate::workspace::Workspace;

/// How many cases a property tries for each mutant. What survives is worth a look with more.
const PROPERTY_CASES: &str = "32";

/// Changes the code of a crate, one place at a time, and runs the crate's own tests; `more` are options of
/// cargo-mutants, such as `-f shared/domain/src/decide.rs`. What survived is told as MISSED.
pub(crate) fn run(workspace: &Workspace, package: &str, more: &[&str]) -> anyhow::Result<ExitCode> {
    let program = tools::cargo_mutants(workspace)?;
    // It is started as cargo does it.
    let mut path = OsString::from(program.parent().unwrap_or(&workspace.root));
    if let Some(rest) = std::env::var_os("PATH") {
        path.push(":");
        path.push(rest);
    }
    let mut mutants = command(program);
    mutants
        .current_dir(&workspace.root)
        .env("PATH", path)
        .env_remove("CARGO_TARGET_DIR")
        .env("PROPTEST_CASES", PROPERTY_CASES)
        .args(["mutants", "--package", package, "--output"])
        .arg(workspace.target.join("mutants"))
        .args(more);
    run_program(&mut mutants)?;
    Ok(ExitCode::SUCCESS)
}
