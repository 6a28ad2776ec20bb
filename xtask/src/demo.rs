//! `cargo xtask demo`: the story is told by the package `demo`; here is what it needs.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::Context;

use crate::command::shown;
use crate::functions::{self, Profile};
use crate::tools::{self, Python};
use crate::workspace::Workspace;

/// The story in one process.
pub(crate) fn local(workspace: &Workspace) -> anyhow::Result<ExitCode> {
    let mut demo = run_demo(workspace);
    demo.arg("local");
    exit_as(&mut demo)
}

/// The story on the local cloud.
pub(crate) fn cloud(workspace: &Workspace, profile: Profile) -> anyhow::Result<ExitCode> {
    let python = tools::python(workspace)?;
    let registry = tools::docker_registry(workspace)?;
    let built = functions::build(workspace, &python, profile)?;
    let mut demo = run_demo(workspace);
    cloud_arguments(&mut demo, workspace, &python, &registry, &built);
    exit_as(&mut demo)
}

/// Tells the demo where everything is.
pub(crate) fn cloud_arguments(
    demo: &mut Command,
    workspace: &Workspace,
    python: &Python,
    registry: &Path,
    built: &Path,
) {
    demo.arg("cloud").arg("--workspace").arg(&workspace.root);
    demo.arg("--python").arg(&python.programs);
    demo.arg("--registry").arg(registry);
    demo.arg("--built").arg(built);
}

fn run_demo(workspace: &Workspace) -> Command {
    let mut cargo = workspace.cargo();
    cargo.args(["run", "--quiet", "--package", "demo", "--"]);
    cargo
}

fn exit_as(command: &mut Command) -> anyhow::Result<ExitCode> {
    let line = shown(command);
    let status = command
        .status()
        .with_context(|| format!("`{line}` cannot be started"))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
