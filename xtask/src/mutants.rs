//! `cargo xtask mutants`: whether a test notices when the code decides otherwise.

use std::process::ExitCode;

use crate::command::{command, run_program};
use crate::tools;
use crate::workspace::Workspace;

/// How many cases a property tries for each mutant. What survives is worth a look with more.
const PROPERTY_CASES: &str = "32";

/// How many histories of the simulation each mutant of the engine has to survive.
const HISTORIES: &str = "200";

/// Seconds that the tests of a mutant of the engine may take: ten times what they do.
const TIME_OUT: &str = "120";

/// What of the simulation's tests is left out: these take mistakes of others, and thousands of histories.
const LEFT_OUT: &str = "every_planted_fault_is_caught";

/// Changes the code of a crate, one place at a time, and runs the crate's own tests, or for the engine those of
/// the simulation; `more` are options of cargo-mutants, such as `-f shared/domain/src/decide.rs`. What survived is
/// told as MISSED.
pub(crate) fn run(workspace: &Workspace, package: &str, more: &[&str]) -> anyhow::Result<ExitCode> {
    let mut mutants = command(tools::cargo_mutants(workspace)?);
    mutants
        .current_dir(&workspace.root)
        .env_remove("CARGO_TARGET_DIR")
        .env("PROPTEST_CASES", PROPERTY_CASES)
        .env("SIMULATION_SEEDS", HISTORIES)
        // It is started as cargo starts it.
        .args(["mutants", "--package", package, "--output"])
        .arg(workspace.target.join("mutants"))
        .args(more);
    if package == "engine" {
        mutants.args(["--test-package", "engine,simulation"]);
        // It would try what is unchanged on the package alone, which has no such test.
        mutants.args(["--baseline", "skip", "--timeout", TIME_OUT]);
        mutants.args(["--", "--lib", "--test", "simulation"]);
        mutants.args(["--", "--skip", LEFT_OUT]);
    }
    run_program(&mut mutants)?;
    Ok(ExitCode::SUCCESS)
}
