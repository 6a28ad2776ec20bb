//! `cargo xtask package`: reproducible packages of the functions and of feedctl.
//!
//! The task clones the current commit into its own folder and builds it there with `sam build`, as users do.
//! Every program contains the list of its dependencies (cargo-auditable). A bill of materials (CycloneDX)
//! with the same list is beside it, `template-prebuilt.yaml` deploys the packages without a compiler, and
//! `SHA256SUMS` lists all files. Builds of one commit are identical on
//! every machine: paths are remapped to one folder, and all entries of the archives have one date.

mod archive;
mod build;
mod prebuilt;
mod sbom;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, bail};

pub(crate) use build::of_this_machine;

use crate::command::{command, run_program};
use crate::functions::FUNCTIONS;
use crate::tools::{self, Python};
use crate::workspace::Workspace;

/// The inputs of a build.
struct Tools {
    python: Python,
    auditable: PathBuf,
    cyclonedx: PathBuf,
}

/// Makes the packages for one of the template's architectures, and prints their folder. With `twice` it
/// makes them again in another folder and compares both.
pub(crate) fn run(
    workspace: &Workspace,
    architecture: &str,
    twice: bool,
) -> anyhow::Result<ExitCode> {
    let tools = Tools {
        python: tools::python(workspace)?,
        auditable: tools::cargo_auditable(workspace)?,
        cyclonedx: tools::cargo_cyclonedx(workspace)?,
    };
    let folder = workspace.target.join("package").join(architecture);
    let (first, second) = (folder.join("a"), folder.join("another/place"));
    clone(workspace, &first)?;
    if twice {
        clone(workspace, &second)?; // Now, so that it is the same commit.
    }
    let made = make(&tools, architecture, &first)?;
    let sums = fs::read_to_string(made.join(SUMS))?;
    print!("{sums}");
    println!("{}", made.display());
    if twice {
        let again = fs::read_to_string(make(&tools, architecture, &second)?.join(SUMS))?;
        if again != sums {
            bail!("the second build is another one:\n{again}");
        }
        println!("built twice, in two folders: the same");
    }
    Ok(ExitCode::SUCCESS)
}

/// Packages the functions in a folder of `sam build`, for this machine. Returns the template that deploys them.
pub(crate) fn prebuilt(
    workspace: &Workspace,
    python: &Python,
    built: &Path,
    out: &Path,
) -> anyhow::Result<PathBuf> {
    let architecture = of_this_machine()?;
    fs::create_dir_all(out)?;
    for (id, name) in FUNCTIONS {
        let archive = out.join(format!("{name}-{architecture}.zip"));
        archive::pack(python, &built.join(id).join("bootstrap"), &archive)?;
    }
    prebuilt::write(&workspace.root, architecture, out)
}

const SUMS: &str = "SHA256SUMS";

/// The path of the clone in its folder.
const SOURCE: &str = "source";

/// Builds everything in the new clone at `folder`. Returns the folder of the packages.
fn make(tools: &Tools, architecture: &str, folder: &Path) -> anyhow::Result<PathBuf> {
    let source = folder.join(SOURCE);
    let out = folder.join("out");
    fs::create_dir_all(&out)?;
    for (name, program) in build::programs(tools, &source, folder, architecture)? {
        let archive = out.join(format!("{name}-{architecture}.zip"));
        archive::pack(&tools.python, &program, &archive)?;
    }
    sbom::write(tools, &source, architecture, &out)?;
    prebuilt::write(&source, architecture, &out)?;
    archive::sum_up(&tools.python, &out, SUMS)?;
    Ok(out)
}

/// Makes a folder with the commit that is checked out, and nothing else: what is committed is what is
/// shipped.
fn clone(workspace: &Workspace, folder: &Path) -> anyhow::Result<()> {
    let mut status = git(&workspace.root);
    let status = status.args(["status", "--porcelain"]).output();
    let status = status.context("git cannot be started")?;
    if !status.status.success() || !status.stdout.is_empty() {
        bail!("there are changes that are not committed; commit or stash them");
    }
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    let mut clone = command("git");
    clone.args(["clone", "--quiet", "--shared"]);
    run_program(clone.arg(&workspace.root).arg(folder.join(SOURCE)))
}

fn git(folder: &Path) -> Command {
    let mut git = command("git");
    git.arg("-C").arg(folder);
    git
}

/// When the commit was made, in seconds: the one date that is in what is shipped.
fn commit_time(source: &Path) -> anyhow::Result<String> {
    let output = git(source).args(["log", "-1", "--format=%ct"]).output()?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}
