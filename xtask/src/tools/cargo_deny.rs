//! cargo-deny, which holds the dependencies against `deny.toml`.

use std::path::PathBuf;

use super::prepared;
use crate::command::{command, run_program};
use crate::workspace::Workspace;

const VERSION: &str = "0.20.2";

/// The program. Built without optimisation, which is quicker than what it would save.
pub(crate) fn cargo_deny(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let name = format!("cargo-deny-{VERSION}");
    let folder = prepared(workspace, &name, &[], |folder| {
        let install = [
            "install",
            "--quiet",
            "--locked",
            "--debug",
            "--version",
            VERSION,
        ];
        let mut cargo = command("cargo");
        cargo
            .args(install)
            .arg("--root")
            .arg(folder)
            .arg("cargo-deny");
        cargo.env("CARGO_TARGET_DIR", folder.join("build"));
        run_program(&mut cargo)?;
        std::fs::remove_dir_all(folder.join("build"))?;
        Ok(())
    })?;
    Ok(folder.join("bin/cargo-deny"))
}
