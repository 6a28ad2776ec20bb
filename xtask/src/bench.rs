//! `cargo xtask bench`: the figures of what is shipped, beside their targets.
//!
//! Ratios are taken against a reference that is built and run alike, in turns with it, in one run on one
//! machine: an empty function, another reader of YAML, a bare loop of requests. Absolute times are shown
//! for people and not compared.

mod compared;
mod feeds;
pub(crate) mod peers;
mod peers_picture;
mod picture;
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

/// A measured figure, what it has to be, and what it was measured beside.
struct Row {
    figure: &'static str,
    subject: String,
    measured: f64,
    unit: &'static str,
    target: Target,
    beside: String,
}

/// The bound of a figure.
#[derive(Clone, Copy)]
enum Target {
    AtMost(f64),
    AtLeast(f64),
}

/// Builds, measures, and prints the table.
pub(crate) fn run(workspace: &Workspace, runs: usize) -> anyhow::Result<ExitCode> {
    let mut rows = function_rows(workspace, runs)?;
    rows.extend(feeds::measure_all(workspace)?.rows()?);
    print(&rows);
    Ok(ExitCode::SUCCESS)
}

/// Measures the starts and sizes of functions alone, and prints that part of the table.
pub(crate) fn run_functions(workspace: &Workspace) -> anyhow::Result<ExitCode> {
    print(&function_rows(workspace, RUNS)?);
    Ok(ExitCode::SUCCESS)
}

fn function_rows(workspace: &Workspace, runs: usize) -> anyhow::Result<Vec<Row>> {
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
    Ok(rows)
}

/// Measures how feeds are read, without the starts and sizes of functions, and prints that part of the table.
pub(crate) fn run_feeds(workspace: &Workspace) -> anyhow::Result<ExitCode> {
    print(&feeds::measure_all(workspace)?.rows()?);
    Ok(ExitCode::SUCCESS)
}

/// Measures the growth and draws it.
pub(crate) fn draw(workspace: &Workspace) -> anyhow::Result<ExitCode> {
    let measured = feeds::measure(workspace, &["growth"])?;
    let picture = workspace.root.join("docs/growth.svg");
    std::fs::write(&picture, picture::svg(measured.of("P14")?)?)?;
    println!("{}", picture.display());
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
    println!("\n| # | figure | measured | target | | beside |");
    println!("|---|---|---:|---:|---|---|");
    for row in rows {
        let Row {
            figure,
            subject,
            measured,
            unit,
            target,
            beside,
        } = row;
        let (sign, bound) = target.shown();
        let verdict = if target.is_reached(*measured) {
            "reached"
        } else {
            "missed"
        };
        println!(
            "| {figure} | {subject} | {measured:.2}{unit} | {sign} {bound}{unit} | {verdict} | {beside} |"
        );
    }
}

impl Target {
    fn is_reached(self, measured: f64) -> bool {
        match self {
            Self::AtMost(bound) => measured <= bound,
            Self::AtLeast(bound) => measured >= bound,
        }
    }

    fn shown(self) -> (char, f64) {
        match self {
            Self::AtMost(bound) => ('≤', bound),
            Self::AtLeast(bound) => ('≥', bound),
        }
    }
}
