//! Programs of Debian's packages: the reference registry `docker-registry`, nginx, and skopeo.

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

/// The libraries that Debian's `skopeo` needs beside those of a minimal system.
const SKOPEO_LIBRARIES: [&str; 3] = ["libgpgme11", "libassuan0", "libdevmapper1.02.1"];

/// The path of `skopeo`: the machine's, or else a script that starts Debian's with its libraries.
pub(crate) fn skopeo(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    if exists("skopeo", "--version") {
        return Ok("skopeo".into());
    }
    let folder = prepared(workspace, "skopeo", &[], |folder| {
        for package in ["skopeo"].iter().chain(&SKOPEO_LIBRARIES) {
            let apart = folder.join(package);
            fs::create_dir(&apart)?;
            unpack(folder, &apart, package)?;
        }
        let script = "#!/bin/sh\n\
             here=$(dirname \"$0\")\n\
             export LD_LIBRARY_PATH=$(echo \"$here\"/usr/lib/*-linux-gnu \"$here\"/lib/*-linux-gnu | tr ' ' ':')\n\
             exec \"$here/usr/bin/skopeo\" \"$@\"\n";
        let file = folder.join("skopeo.sh");
        fs::write(&file, script)?;
        run_program(command("chmod").arg("+x").arg(&file))?;
        run_program(command(&file).arg("--version"))
    })?;
    Ok(folder.join("skopeo.sh"))
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
    let folder = prepared(workspace, name, &[], |folder| unpack(folder, folder, name))?;
    Ok(folder.join(path))
}

/// Downloads a Debian package into a folder, and unpacks it into another.
fn unpack(into: &Path, folder: &Path, name: &str) -> anyhow::Result<()> {
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
    let mut unpack = command("dpkg-deb");
    run_program(unpack.arg("--extract").arg(package).arg(into))
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
