//! Programs that come as crates, each built in a folder of its own.

use std::path::PathBuf;

use super::prepared::prepared;
use crate::command::{command, run_program};
use crate::workspace::Workspace;

/// The program of the crate of the same name. Built without optimisation, which is quicker than what it
/// would save.
pub(super) fn installed(
    workspace: &Workspace,
    name: &str,
    version: &str,
    features: &[&str],
) -> anyhow::Result<PathBuf> {
    let folder = prepared(workspace, &format!("{name}-{version}"), &[], |folder| {
        let mut cargo = command("cargo");
        cargo
            .args(["install", "--quiet", "--locked", "--debug"])
            .args(["--version", version])
            .args(features)
            .arg("--root")
            .arg(folder)
            .arg(name);
        cargo.env("CARGO_TARGET_DIR", folder.join("build"));
        run_program(&mut cargo)?;
        std::fs::remove_dir_all(folder.join("build"))?;
        Ok(())
    })?;
    Ok(folder.join("bin").join(name))
}
