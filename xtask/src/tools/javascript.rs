//! Octopus's own TypeScript client, with which tests drive the stand-in for Octopus Server.

use std::path::PathBuf;

use anyhow::bail;

use super::prepared;
use crate::command::{command, exists, run_program};
use crate::workspace::Workspace;

/// What is copied: the list of packages, the exact versions, and the script that uses them.
const FILES: [&str; 3] = ["package.json", "package-lock.json", "client.mjs"];

/// The folder of the script `client.mjs` with the client beside it.
pub(crate) fn typescript_client(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let source = workspace.root.join("tests/octopus-server/typescript");
    let files = FILES.map(|name| source.join(name));
    let made_from = files.each_ref().map(PathBuf::as_path);
    prepared(workspace, "typescript", &made_from, |folder| {
        for program in ["node", "npm"] {
            if !exists(program, "--version") {
                bail!("{program} is missing; install Node.js 18 or later");
            }
        }
        for (name, file) in FILES.iter().zip(&files) {
            std::fs::copy(file, folder.join(name))?;
        }
        let install = [
            "ci",
            "--silent",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
        ];
        run_program(command("npm").args(install).current_dir(folder))
    })
}
