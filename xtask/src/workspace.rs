//! The workspace's folders.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Context;

use crate::command::command;

/// The workspace's folders.
pub(crate) struct Workspace {
    /// The root of the repository.
    pub(crate) root: PathBuf,
    /// The target directory, which also contains the tools of the tasks.
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// Finds the workspace in which cargo started this program: two checkouts that share a target directory
    /// also share this program. Without cargo, it is the workspace in which the program was built.
    pub(crate) fn find() -> anyhow::Result<Self> {
        let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let package = package.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let root = package.parent();
        let program = std::env::current_exe()?;
        // The program is `<target>/<profile>/xtask`, in the target directory of cargo.
        let target = program.ancestors().nth(2);
        Ok(Self {
            root: root.context("cannot find the workspace: xtask is in the root directory; move it into a folder")?.into(),
            target: target.context("cannot find the target directory: xtask was not started by cargo; run `cargo xtask`")?.into(),
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
