//! `cargo xtask mutants`: whether a test notices when the code decides otherwise.

use std::process::ExitCode;

use crate::command::{command, run_program};
use crate::tools;
use crate::workspace::Workspace;

/// How many cases a property tries for each mutant. Test survivors again with more.
const PROPERTY_CASES: &str = "32";

/// How many histories of the simulation each mutant of the engine has to survive.
const HISTORIES: &str = "200";

/// Seconds that the tests of a mutant of the engine may take: ten times what they do.
const TIME_OUT: &str = "120";

/// The skipped tests: planted faults, which take thousands of histories, and crashes of the whole flow, which
/// the simulation also covers.
const LEFT_OUT: [&str; 2] = ["planted_faults_are_all_caught", "crashes::"];

/// Mutates the code of a crate, one place at a time, and runs the crate's tests; for the engine also the
/// simulation and the flow tests over real adapters. `more` are options of cargo-mutants, such as
/// `-f shared/domain/src/decide.rs`. It prints the survivors as MISSED.
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
        mutants.args(["--test-package", "engine,simulation,flow"]);
        // It would try what is unchanged on the package alone, which has no such test.
        mutants.args(["--baseline", "skip", "--timeout", TIME_OUT]);
        mutants.args([
            "--",
            "--lib",
            "--test",
            "simulation",
            "--test",
            "flow",
            "--",
        ]);
        mutants.args(LEFT_OUT.iter().flat_map(|name| ["--skip", name]));
    }
    run_program(&mut mutants)?;
    Ok(ExitCode::SUCCESS)
}
