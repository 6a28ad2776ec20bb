//! The folders of tools.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::workspace::Workspace;

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
