//! `cargo xtask demo`: the story is told by the package `demo`; here is what it needs.

use std::convert::Infallible;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{command, run_program, shown};
use crate::functions::{self, Profile};
use crate::tools::{self, Python};
use crate::workspace::Workspace;

/// The story in one process.
pub(crate) fn local(workspace: &Workspace) -> anyhow::Result<Infallible> {
    let mut demo = program(workspace, &["--package", "demo"])?;
    become_it(demo.arg("local"))
}

/// The story on the local cloud.
pub(crate) fn cloud(workspace: &Workspace, profile: Profile) -> anyhow::Result<Infallible> {
    let python = tools::python(workspace)?;
    let registry = tools::docker_registry(workspace)?;
    let built = functions::build(workspace, &python, profile)?;
    let mut demo = program(workspace, &["--package", "demo"])?;
    cloud_arguments(demo.arg("cloud"), workspace, &python, &registry, &built);
    become_it(&mut demo)
}

/// What can go wrong, done on purpose on the local cloud.
pub(crate) fn failures(workspace: &Workspace) -> anyhow::Result<Infallible> {
    let python = tools::python(workspace)?;
    let registry = tools::docker_registry(workspace)?;
    let built = functions::build(workspace, &python, Profile::Quick)?;
    let mut demo = program(workspace, &["--package", "demo", "--package", "feedctl"])?;
    cloud_arguments(demo.arg("mishaps"), workspace, &python, &registry, &built);
    become_it(demo.arg("--feedctl").arg(feedctl(workspace)))
}

/// The program `feedctl`, once it is built.
pub(crate) fn feedctl(workspace: &Workspace) -> PathBuf {
    workspace.target.join("debug/feedctl")
}

/// The program that tells the story, built with these options of cargo's.
pub(crate) fn program(workspace: &Workspace, options: &[&str]) -> anyhow::Result<Command> {
    let mut build = workspace.cargo();
    run_program(build.args(["build", "--locked", "--bins"]).args(options))?;
    let mut demo = command(workspace.target.join("debug/demo"));
    demo.current_dir(&workspace.root);
    Ok(demo)
}

/// Tells the demo where everything is.
pub(crate) fn cloud_arguments(
    demo: &mut Command,
    workspace: &Workspace,
    python: &Python,
    registry: &Path,
    built: &Path,
) {
    demo.arg("--workspace").arg(&workspace.root);
    demo.arg("--python").arg(&python.programs);
    demo.arg("--registry").arg(registry);
    demo.arg("--built").arg(built);
}

/// Puts the program in the place of this one, so that it hears signals by itself and cleans up.
fn become_it(demo: &mut Command) -> anyhow::Result<Infallible> {
    let error = demo.exec();
    Err(anyhow::Error::new(error).context(format!("`{}` cannot be started", shown(demo))))
}
