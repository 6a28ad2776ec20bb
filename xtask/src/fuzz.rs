//! `cargo xtask fuzz`: the targets of `tests/fuzz` under libFuzzer, one after another.
//!
//! It is led by coverage and starts from the seeds in the repository; what it finds on the way stays in the
//! target directory. Our code has no `unsafe`, so no sanitizer is needed and the stable compiler will do.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, bail};

use crate::command::run_program;
use crate::tools;
use crate::workspace::Workspace;

/// The default time for which each target runs.
pub(crate) const SECONDS: u32 = 60;

/// Runs the target of this name, or all, for so many seconds each.
pub(crate) fn run(
    workspace: &Workspace,
    only: Option<&str>,
    seconds: u32,
) -> anyhow::Result<ExitCode> {
    let corpus = workspace.root.join("tests/fuzz/corpus");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&corpus)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.retain(|name| only.is_none_or(|only| name == only));
    names.sort();
    if names.is_empty() {
        bail!("there is no such target; see {}", corpus.display());
    }
    build(workspace)?;
    for name in names {
        eprintln!("\n==> {name}, {seconds} s");
        run_program(&mut guided(workspace, &name, seconds)?)
            .with_context(|| format!("{name}: the input is in tests/fuzz/guided/artifacts"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Compiles with the versions that the workspace has.
fn build(workspace: &Workspace) -> anyhow::Result<()> {
    let guided = folder(workspace);
    std::fs::copy(workspace.root.join("Cargo.lock"), guided.join("Cargo.lock"))?;
    run_program(&mut cargo_fuzz(workspace, "build")?)
}

/// One target. Inputs that show something new are kept in the first folder that is named.
fn guided(workspace: &Workspace, name: &str, seconds: u32) -> anyhow::Result<Command> {
    let found = workspace.target.join("fuzz").join(name);
    std::fs::create_dir_all(&found)?;
    let mut fuzz = cargo_fuzz(workspace, "run")?;
    fuzz.env("FUZZ_TARGET", name)
        .arg(found)
        .arg(workspace.root.join("tests/fuzz/corpus").join(name))
        .args(["--", "-timeout=10", "-max_len=4096", "-print_final_stats=1"])
        .arg(format!("-max_total_time={seconds}"));
    Ok(fuzz)
}

fn cargo_fuzz(workspace: &Workspace, task: &str) -> anyhow::Result<Command> {
    let mut fuzz = crate::command::command(tools::cargo_fuzz(workspace)?);
    fuzz.current_dir(&workspace.root)
        .env("CARGO_TARGET_DIR", workspace.target.join("guided"))
        .args([task, "--sanitizer", "none", "--fuzz-dir"])
        .arg(folder(workspace))
        .arg("any");
    Ok(fuzz)
}

fn folder(workspace: &Workspace) -> PathBuf {
    Path::new(&workspace.root).join("tests/fuzz/guided")
}
