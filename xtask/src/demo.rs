//! `cargo xtask demo`: builds and starts the programs `demo`, `local-cloud` and `failures`.

use std::convert::Infallible;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{command, run_program, shown};
use crate::functions::{self, Profile};
use crate::package;
use crate::tools::{self, Python};
use crate::workspace::Workspace;

/// The demo in one process. Its profile compiles without debug information or optimisation, to keep the
/// first run short and the target directory small.
pub(crate) fn local(workspace: &Workspace) -> anyhow::Result<Infallible> {
    let mut build = workspace.cargo();
    run_program(build.args([
        "build",
        "--locked",
        "--profile",
        "demo",
        "--package",
        "demo",
    ]))?;
    let mut demo = command(workspace.target.join("demo/demo"));
    exec(demo.current_dir(&workspace.root))
}

/// The demo with the compiled functions, on the local cloud.
pub(crate) fn cloud(workspace: &Workspace, profile: Profile) -> anyhow::Result<Infallible> {
    let paths = CloudPaths::prepare(workspace, profile)?;
    let mut demo = program(workspace, "local-cloud", &["--package", "local-cloud"])?;
    exec(paths.arguments(demo.arg("demo"), workspace))
}

/// The failure scenarios, on the local cloud.
pub(crate) fn failures(workspace: &Workspace) -> anyhow::Result<Infallible> {
    let paths = CloudPaths::prepare(workspace, Profile::Quick)?;
    let packages = ["--package", "failures", "--package", "feedctl"];
    let mut failures = program(workspace, "failures", &packages)?;
    paths.arguments(&mut failures, workspace);
    exec(failures.arg("--feedctl").arg(feedctl(workspace)))
}

/// The path of `feedctl` in the development profile.
pub(crate) fn feedctl(workspace: &Workspace) -> PathBuf {
    workspace.target.join("debug/feedctl")
}

/// Builds a program with these options of cargo.
pub(crate) fn program(
    workspace: &Workspace,
    name: &str,
    options: &[&str],
) -> anyhow::Result<Command> {
    let mut build = workspace.cargo();
    run_program(build.args(["build", "--locked", "--bins"]).args(options))?;
    let mut program = command(workspace.target.join("debug").join(name));
    program.current_dir(&workspace.root);
    Ok(program)
}

/// The tools and the functions that the local cloud needs.
pub(crate) struct CloudPaths {
    python: Python,
    registry: PathBuf,
    /// The folder with the template and the functions.
    built: PathBuf,
    template: PathBuf,
}

impl CloudPaths {
    /// Installs the tools and builds the functions.
    pub(crate) fn prepare(workspace: &Workspace, profile: Profile) -> anyhow::Result<Self> {
        let python = tools::python(workspace)?;
        let built = functions::build(workspace, &python, profile)?;
        Ok(Self {
            registry: tools::docker_registry(workspace)?,
            template: built.join("template.yaml"),
            built,
            python,
        })
    }

    /// Packages the functions, for a deployment of the prebuilt template.
    pub(crate) fn prebuilt(self, workspace: &Workspace) -> anyhow::Result<Self> {
        let out = workspace.target.join("prebuilt");
        Ok(Self {
            template: package::prebuilt(workspace, &self.python, &self.built, &out)?,
            ..self
        })
    }

    /// Adds the paths to a program's arguments.
    pub(crate) fn arguments<'a>(
        &self,
        program: &'a mut Command,
        workspace: &Workspace,
    ) -> &'a mut Command {
        let option =
            |program: &'a mut Command, name: &str, path: &Path| program.arg(name).arg(path);
        let program = option(program, "--workspace", &workspace.root);
        let program = option(program, "--python", &self.python.programs);
        let program = option(program, "--registry", &self.registry);
        option(program, "--template", &self.template)
    }
}

/// Replaces this process with the program, so that the program receives signals and cleans up.
fn exec(program: &mut Command) -> anyhow::Result<Infallible> {
    let error = program.exec();
    Err(anyhow::Error::new(error).context(format!("cannot start `{}`", shown(program))))
}
