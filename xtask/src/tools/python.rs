//! Virtual environments: one with sam, cargo-lambda, cfn-lint and the AWS emulator; one with checkov and
//! one with the AWS CLI, whose own needs do not go together with theirs.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::process::Command;

use anyhow::bail;

use super::prepared::prepared;
use crate::command::{command, exists, run_program};
use crate::workspace::Workspace;

/// The virtual environment.
pub(crate) struct Python {
    /// Its programs.
    pub(crate) programs: PathBuf,
}

/// The virtual environment of `infra/requirements.txt`. Its path stays the same, since cargo builds
/// everything again when the linker that cargo-lambda brings has moved.
pub(crate) fn python(workspace: &Workspace) -> anyhow::Result<Python> {
    environment(workspace, "python", "infra/requirements.txt")
}

/// The virtual environment of `infra/checkov/requirements.txt`.
pub(crate) fn checkov(workspace: &Workspace) -> anyhow::Result<Python> {
    environment(workspace, "checkov", "infra/checkov/requirements.txt")
}

/// The virtual environment of `infra/aws/requirements.txt`: the AWS CLI, which brings an SDK of its own.
pub(crate) fn aws(workspace: &Workspace) -> anyhow::Result<Python> {
    environment(workspace, "aws", "infra/aws/requirements.txt")
}

/// The virtual environment of `tests/interop/swagger/requirements.txt`: Octopus's swagger client.
pub(crate) fn swagger_client(workspace: &Workspace) -> anyhow::Result<Python> {
    environment(
        workspace,
        "swagger",
        "tests/interop/swagger/requirements.txt",
    )
}

/// The virtual environment of `tests/interop/univers/requirements.txt`: the versions of many package systems.
pub(crate) fn univers(workspace: &Workspace) -> anyhow::Result<Python> {
    environment(
        workspace,
        "univers",
        "tests/interop/univers/requirements.txt",
    )
}

/// The virtual environment of `tests/interop/go/requirements.txt`: Go, for machines without it.
pub(crate) fn go(workspace: &Workspace) -> anyhow::Result<Python> {
    environment(workspace, "go", "tests/interop/go/requirements.txt")
}

fn environment(workspace: &Workspace, name: &str, requirements: &str) -> anyhow::Result<Python> {
    let requirements = workspace.root.join(requirements);
    let folder = prepared(workspace, name, &[&requirements], |folder| {
        if !exists("python3", "--version") {
            bail!("python3 is missing; install Python 3.9 or later");
        }
        run_program(command("python3").args(["-m", "venv"]).arg(folder)).map_err(|error| {
            error.context("install Python's venv module (python3-venv on Debian)")
        })?;
        let pip = folder.join("bin/pip");
        let install = ["install", "--quiet", "--no-deps", "--no-compile", "-r"];
        run_program(command(pip).args(install).arg(&requirements))
    })?;
    Ok(Python {
        programs: folder.join("bin"),
    })
}

impl Python {
    /// A program of the environment, which finds the others and has credentials for no cloud but the
    /// local one.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = command(self.programs.join(program.as_ref()));
        command
            .env("PATH", self.path())
            .env("SAM_CLI_TELEMETRY", "0")
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_DEFAULT_REGION", "us-east-1")
            .env("AWS_EC2_METADATA_DISABLED", "true");
        command
    }

    fn path(&self) -> OsString {
        let mut path = self.programs.clone().into_os_string();
        if let Some(rest) = std::env::var_os("PATH") {
            path.push(":");
            path.push(rest);
        }
        path
    }
}
