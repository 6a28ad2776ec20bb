//! The reference registry, `docker-registry`, as Debian packs it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::prepared;
use crate::command::{command, exists, run_program};
use crate::workspace::Workspace;

const PACKAGE: &str = "docker-registry";

/// The program: the machine's, or else the one of the package, unpacked and not installed, so that
/// neither root is needed nor a service started.
pub(crate) fn docker_registry(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    if exists(PACKAGE, "--version") {
        return Ok(PACKAGE.into());
    }
    let folder = prepared(workspace, PACKAGE, &[], |folder| {
        if !exists("apt-get", "--version") {
            bail!("{PACKAGE} is missing and there is no apt-get here; put it into the PATH");
        }
        // The lists may be missing or old; only root can renew them.
        if download(folder).is_err() {
            run_program(command("apt-get").args(["update", "--quiet"]))
                .and_then(|()| download(folder))
                .with_context(|| format!("as root, run `apt-get install {PACKAGE}`"))?;
        }
        let package = package(folder)?;
        run_program(
            command("dpkg-deb")
                .arg("--extract")
                .arg(package)
                .arg(folder),
        )
    })?;
    Ok(folder.join("usr/bin").join(PACKAGE))
}

fn download(folder: &Path) -> anyhow::Result<()> {
    let download = ["download", "--quiet", PACKAGE];
    run_program(command("apt-get").args(download).current_dir(folder))
}

fn package(folder: &Path) -> anyhow::Result<PathBuf> {
    fs::read_dir(folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.extension().is_some_and(|extension| extension == "deb"))
        .context("apt-get brought no package")
}
