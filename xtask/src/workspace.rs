//! Where things are.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Context;

use crate::command::command;

/// The workspace's folders.
pub(crate) struct Workspace {
    /// What is versioned.
    pub(crate) root: PathBuf,
    /// What is built, and what the tasks set up.
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// The workspace that this program was started in, as cargo says it: two checkouts that share a target
    /// directory share this program too. Without cargo, the one that it was built in.
    pub(crate) fn find() -> anyhow::Result<Self> {
        let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let package = package.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let root = package.parent();
        let program = std::env::current_exe()?;
        // The program is `<target>/<profile>/xtask`, wherever cargo was told to put its target.
        let target = program.ancestors().nth(2);
        Ok(Self {
            root: root.context("xtask lies at the root of the disk")?.into(),
            target: target.context("xtask was not started by cargo")?.into(),
        })
    }

    /// Cargo, in the workspace.
    pub(crate) fn cargo(&self) -> Command {
        let mut cargo = command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", &self.target);
        cargo
    }
}
