//! Scripts in JavaScript with which tests drive other programs, each with its npm packages.

use std::path::PathBuf;

use anyhow::bail;

use super::prepared::prepared;
use crate::command::{command, exists, run_program};
use crate::workspace::Workspace;

/// The folder of the script `client.mjs` with Octopus's own TypeScript client, which drives the fake Octopus
/// Server.
pub(crate) fn typescript_client(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let source = "tests/octopus-server/typescript";
    scripted(workspace, "typescript", source, &["client.mjs"])
}

/// The folder of the scripts that walk through the console, `browser.mjs` and `stack.mjs`, with what drives a
/// browser and an accessibility check.
pub(crate) fn console_browser(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let source = "cli/tests/console/browser";
    let scripts = ["visit.mjs", "browser.mjs", "stack.mjs"];
    scripted(workspace, "console-browser", source, &scripts)
}

/// A folder with scripts and the exact versions of the packages that they use.
fn scripted(
    workspace: &Workspace,
    tool: &str,
    source: &str,
    scripts: &[&str],
) -> anyhow::Result<PathBuf> {
    let names = [&["package.json", "package-lock.json"], scripts].concat();
    let source = workspace.root.join(source);
    let files: Vec<_> = names.iter().map(|name| source.join(name)).collect();
    let made_from: Vec<_> = files.iter().map(PathBuf::as_path).collect();
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
