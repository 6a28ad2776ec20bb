//! The programs, compiled so that the place does not show.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use super::Tools;
use crate::command::{command, run_program};
use crate::functions::FUNCTIONS;

/// The functions and `feedctl`: the name of each and the compiled program.
pub(super) fn programs(
    tools: &Tools,
    source: &Path,
    folder: &Path,
    architecture: &str,
) -> anyhow::Result<Vec<(&'static str, PathBuf)>> {
    let sam = folder.join("sam");
    let mut build = tools.python.command("sam");
    build
        .stdout(Stdio::null()) // Advice on what to do next.
        .args(["build", "--build-dir"])
        .arg(&sam)
        .arg("--parameter-overrides")
        .arg(format!("Architecture={architecture}"));
    compile(tools, build, source, folder)?;
    let mut programs: Vec<_> = FUNCTIONS
        .iter()
        .map(|(id, name)| (*name, sam.join(id).join("bootstrap")))
        .collect();
    // The command line is for the machine that it is built on.
    if architecture == of_this_machine()? {
        let mut build = command("cargo");
        build.args(["build", "--locked", "--release", "--package", "feedctl"]);
        compile(tools, build, source, folder)?;
        programs.push(("feedctl", target(folder).join("release/feedctl")));
    }
    Ok(programs)
}

fn target(folder: &Path) -> PathBuf {
    folder.join("target")
}

/// How cargo-auditable reads the dependencies: from cargo's own SBOM files.
const AS_CARGO: &str = r#"{"offline":false,"locked":true,"frozen":false,"config":[]}"#;

/// Runs a build whose programs carry the list of their dependencies. cargo-auditable is put between cargo
/// and the compiler as it does it itself, so that it is `sam build` that builds.
fn compile(tools: &Tools, mut build: Command, source: &Path, folder: &Path) -> anyhow::Result<()> {
    build
        .current_dir(source)
        .env("CARGO_TARGET_DIR", target(folder))
        .env("CARGO_INCREMENTAL", "0")
        .env("RUSTFLAGS", placeless(source, folder)?)
        .env("RUSTC_WORKSPACE_WRAPPER", &tools.auditable)
        .env("CARGO_AUDITABLE_ORIG_ARGS", AS_CARGO)
        .env("SOURCE_DATE_EPOCH", super::commit_time(source)?);
    run_program(&mut build)
}

/// The path that the compiler writes instead of the real one.
fn placeless(source: &Path, folder: &Path) -> anyhow::Result<String> {
    let home = std::env::home_dir().context("there is no home directory")?;
    let cargo = std::env::var_os("CARGO_HOME").map_or_else(|| home.join(".cargo"), PathBuf::from);
    let target = target(folder);
    let places = [
        (source, "/source"),
        (&target, "/target"),
        (&cargo, "/cargo"),
    ];
    let flags =
        places.map(|(place, instead)| format!("--remap-path-prefix={}={instead}", place.display()));
    Ok(flags.join(" "))
}

/// This machine's processor, as the template calls it.
pub(crate) fn of_this_machine() -> anyhow::Result<&'static str> {
    match std::env::consts::ARCH {
        "x86_64" => Ok("x86_64"),
        "aarch64" => Ok("arm64"),
        other => bail!("functions do not run on {other}"),
    }
}
