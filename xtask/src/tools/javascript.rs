//! What is written in JavaScript: scripts with which tests drive others, each with its packages beside it.

use std::path::PathBuf;

use anyhow::bail;

use super::prepared;
use crate::command::{command, exists, run_program};
use crate::workspace::Workspace;

/// The folder of the script `client.mjs` with Octopus's own TypeScript client, which drives the stand-in for
/// Octopus Server.
pub(crate) fn typescript_client(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let source = "tests/octopus-server/typescript";
    script(workspace, "typescript", source, "client.mjs")
}

/// The folder of the script `browser.mjs` with what drives a browser and an accessibility check, which walks
/// through the console.
pub(crate) fn console_browser(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let source = "cli/tests/console/browser";
    script(workspace, "console-browser", source, "browser.mjs")
}

/// A folder with a script and the exact versions of the packages that it uses.
fn script(
    workspace: &Workspace,
    tool: &str,
    source: &str,
    script: &str,
) -> anyhow::Result<PathBuf> {
    let names = ["package.json", "package-lock.json", script];
    let source = workspace.root.join(source);
    let files = names.map(|name| source.join(name));
    let made_from = files.each_ref().map(PathBuf::as_path);
    prepared(workspace, tool, &made_from, |folder| {
        for program in ["node", "npm"] {
            if !exists(program, "--version") {
                bail!("{program} is missing; install Node.js 18 or later");
            }
        }
        for (name, file) in names.iter().zip(&files) {
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
