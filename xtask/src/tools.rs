//! The programs that the tasks need in addition to Rust, each set up once under `<target>/tools`.
//!
//! A tool's folder carries the hash of what it was made from in its name, so a change there makes a
//! new one. A folder is complete when it contains the stamp; an interrupted run leaves one without.

mod cargo_deny;
mod chromium;
mod installed;
mod javascript;
mod mdbook;
mod python;
mod registry;
mod supply_chain;

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::Context;

pub(crate) use cargo_deny::cargo_deny;
pub(crate) use chromium::chromium;
pub(crate) use javascript::{console_browser, typescript_client};
pub(crate) use mdbook::mdbook;
pub(crate) use python::{Python, aws, checkov, go, python, swagger_client};
pub(crate) use registry::{docker_registry, nginx};
pub(crate) use supply_chain::{cargo_auditable, cargo_cyclonedx, cargo_fuzz, cargo_mutants};

use crate::workspace::Workspace;
use installed::installed;

const STAMP: &str = ".complete";

/// The folder of a tool, made by `make` unless it is there.
pub(crate) fn prepared(
    workspace: &Workspace,
    name: &str,
    made_from: &[&Path],
    make: impl FnOnce(&Path) -> anyhow::Result<()>,
) -> anyhow::Result<PathBuf> {
    let tools = workspace.target.join("tools");
    fs::create_dir_all(&tools).with_context(|| format!("making {}", tools.display()))?;
    let lock = File::create(tools.join(".lock"))?;
    lock.lock()?; // Two tasks at once: the second waits and finds the tool made.
    let folder = tools.join(format!("{name}-{:016x}", hash_of(made_from)?));
    if folder.join(STAMP).exists() {
        return Ok(folder);
    }
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    eprintln!("Setting up {name} in {}", folder.display());
    make(&folder).with_context(|| format!("{name} cannot be set up"))?;
    File::create(folder.join(STAMP))?;
    Ok(folder)
}

fn hash_of(files: &[&Path]) -> anyhow::Result<u64> {
    let mut hash = DefaultHasher::new();
    for file in files {
        fs::read(file)
            .with_context(|| format!("reading {}", file.display()))?
            .hash(&mut hash);
    }
    Ok(hash.finish())
}
