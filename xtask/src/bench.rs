//! `cargo xtask bench`: the figures of the shipped functions, beside their targets.
//!
//! Ratios are taken against an empty function built alike, in turns with it, in one run on one machine.
//! Absolute times are shown for people and not compared.

mod size;
mod start;

use std::path::PathBuf;
use std::process::ExitCode;

use crate::command::run_program;
use crate::functions::{self, FUNCTIONS, Profile};
use crate::tools::{self, Python};
use crate::workspace::Workspace;

/// How often each function is started.
pub(crate) const RUNS: usize = 100;

/// A program that is measured.
struct Program {
    name: &'static str,
    bootstrap: PathBuf,
}

/// A measured figure and what it has to be at most.
struct Row {
    figure: &'static str,
    subject: String,
    measured: f64,
    unit: &'static str,
    at_most: f64,
}

/// Builds, measures, and prints the table.
pub(crate) fn run(workspace: &Workspace, runs: usize) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(runs > 0, "--runs takes a number greater than 0");
    let python = tools::python(workspace)?;
    let built = functions::build(workspace, &python, Profile::Shipped)?;
    let empty = Program {
        name: "empty-function",
        bootstrap: build_empty(workspace, &python)?,
    };
    let shipped: Vec<_> = FUNCTIONS
        .iter()
        .map(|(id, name)| Program {
            name,
            bootstrap: built.join(id).join("bootstrap"),
        })
        .collect();
    let mut rows = start::rows(&empty, &shipped, runs)?;
    rows.extend(size::rows(&python, &shipped, &workspace.target)?);
    print(&rows);
    Ok(ExitCode::SUCCESS)
}

/// The empty function, by the same program that `sam build` calls for the others.
fn build_empty(workspace: &Workspace, python: &Python) -> anyhow::Result<PathBuf> {
    let mut build = python.command("cargo-lambda");
    Profile::Shipped.set(workspace, &mut build);
    let arguments = ["lambda", "build", "--release", "--lambda-dir"];
    let folder = workspace.target.join("functions/empty");
    build
        .current_dir(workspace.root.join("tests/empty-function"))
        .args(arguments)
        .arg(&folder);
    run_program(&mut build)?;
    Ok(folder.join("empty-function/bootstrap"))
}

fn print(rows: &[Row]) {
    println!("\n| # | figure | measured | target | |");
    println!("|---|---|---:|---:|---|");
    for row in rows {
        let Row {
            figure,
            subject,
            measured,
            unit,
            at_most,
        } = row;
        let verdict = if measured <= at_most {
            "reached"
        } else {
            "missed"
        };
        println!("| {figure} | {subject} | {measured:.2}{unit} | ≤ {at_most}{unit} | {verdict} |");
    }
}
