//! Programs that list dependencies and measure how well the code is tested.

use std::path::PathBuf;

use super::installed::installed;
use crate::workspace::Workspace;

/// cargo-auditable, which puts the list of dependencies into a program.
pub(crate) fn cargo_auditable(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    installed(workspace, "cargo-auditable", "0.7.7", &[])
}

/// cargo-cyclonedx, which writes bills of materials.
pub(crate) fn cargo_cyclonedx(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    installed(workspace, "cargo-cyclonedx", "0.5.9", &[])
}

/// cargo-fuzz, which builds for libFuzzer and runs it.
pub(crate) fn cargo_fuzz(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    installed(workspace, "cargo-fuzz", "0.13.2", &[])
}

/// cargo-mutants, which changes the code and sees whether a test notices.
pub(crate) fn cargo_mutants(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    installed(workspace, "cargo-mutants", "27.1.0", &[])
}
