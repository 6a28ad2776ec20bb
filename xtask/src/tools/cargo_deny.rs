//! cargo-deny, which checks the dependencies against `deny.toml`.

use std::path::PathBuf;

use super::installed::installed;
use crate::workspace::Workspace;

const VERSION: &str = "0.20.2";

/// The program.
pub(crate) fn cargo_deny(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    installed(workspace, "cargo-deny", VERSION, &[])
}
