//! Chromium, as Debian packs it, in which the console is tested.

use std::path::PathBuf;

use anyhow::{Context, bail};

use crate::command::{command, exists, run_program};

/// The program's names; GitHub's machines have Google Chrome.
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Returns the machine's program, or installs the package, which needs root. It depends on too many libraries
/// to unpack it in the target directory.
pub(crate) fn chromium() -> anyhow::Result<PathBuf> {
    if let Some(found) = installed() {
        return Ok(found);
    }
    if !exists("apt-get", "--version") {
        bail!("chromium is missing and there is no apt-get here; put it into the PATH");
    }
    let install = [
        "install",
        "--quiet",
        "--yes",
        "--no-install-recommends",
        "chromium",
    ];
    // The lists may be missing or old.
    if run_program(command("apt-get").args(install)).is_err() {
        run_program(command("apt-get").args(["update", "--quiet"]))
            .and_then(|()| run_program(command("apt-get").args(install)))
            .context("as root, run `apt-get install chromium`")?;
    }
    installed().context("apt-get brought no chromium")
}

fn installed() -> Option<PathBuf> {
    let paths = std::env::var_os("PATH")?;
    std::env::split_paths(&paths)
        .flat_map(|folder| NAMES.map(|name| folder.join(name)))
        .find(|program| program.is_file())
}
