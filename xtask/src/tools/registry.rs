//! Servers of Debian's packages: the reference registry `docker-registry`, and nginx.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::prepared::prepared;
use crate::command::{command, exists, run_program};
use crate::workspace::Workspace;

/// The path of `docker-registry`.
pub(crate) fn docker_registry(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    program(
        workspace,
        "docker-registry",
        "--version",
        "usr/bin/docker-registry",
    )
}

/// The path of `nginx`.
pub(crate) fn nginx(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    program(workspace, "nginx", "-v", "usr/sbin/nginx")
}

/// The machine's program, or else that of the Debian package, unpacked and not installed, so that neither
/// root is needed nor a service started.
fn program(
    workspace: &Workspace,
    name: &str,
    version: &str,
    path: &str,
) -> anyhow::Result<PathBuf> {
    if exists(name, version) {
        return Ok(name.into());
    }
    let folder = prepared(workspace, name, &[], |folder| {
        if !exists("apt-get", "--version") {
            bail!("{name} is missing and there is no apt-get here; put it into the PATH");
        }
        // The lists may be missing or old; only root can renew them.
        if download(folder, name).is_err() {
            run_program(command("apt-get").args(["update", "--quiet"]))
                .and_then(|()| download(folder, name))
                .with_context(|| format!("as root, run `apt-get install {name}`"))?;
        }
        let package = package(folder)?;
        run_program(
            command("dpkg-deb")
                .arg("--extract")
                .arg(package)
                .arg(folder),
        )
    })?;
    Ok(folder.join(path))
}

fn download(folder: &Path, name: &str) -> anyhow::Result<()> {
    let download = ["download", "--quiet", name];
    run_program(command("apt-get").args(download).current_dir(folder))
}

fn package(folder: &Path) -> anyhow::Result<PathBuf> {
    fs::read_dir(folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.extension().is_some_and(|extension| extension == "deb"))
        .context("apt-get brought no package")
}
