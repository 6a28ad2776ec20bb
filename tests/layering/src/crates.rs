//! The crates of the workspace and the files of their targets.

use std::io;
use std::path::{Path, PathBuf};

use crate::source::Source;

/// A compiled unit: a library, a program or an integration test with its module files.
#[derive(Debug)]
pub struct Target {
    /// The package folder and the root file below it, as in `shared/feeds: src/lib.rs`.
    pub name: String,
    /// Module paths, each with its source; the root module's path is empty.
    pub modules: Vec<(Vec<String>, Source)>,
}

/// The root folder of the workspace in which cargo runs the test; two checkouts may share a target directory, and then
/// also this program.
#[must_use]
pub fn root() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let package = package.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).to_owned());
    package.join("../..")
}

/// The folders with a `Cargo.toml`, relative to the root and sorted.
///
/// # Errors
///
/// When a folder cannot be listed.
pub fn packages() -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    for folder in ["cli", "xtask"] {
        found.push(folder.to_owned());
    }
    for group in ["shared", "functions", "tests"] {
        for entry in std::fs::read_dir(root().join(group))? {
            let entry = entry?;
            if entry.path().join("Cargo.toml").is_file() {
                found.push(format!("{group}/{}", entry.file_name().to_string_lossy()));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The targets of a package: `src/lib.rs`, `src/main.rs`, and each file or `main.rs` below `tests` and `examples`.
///
/// # Errors
///
/// When a file cannot be read.
pub fn targets(package: &str) -> io::Result<Vec<Target>> {
    let folder = root().join(package);
    let mut roots = vec![folder.join("src/lib.rs"), folder.join("src/main.rs")];
    for group in ["tests", "examples"] {
        let group = folder.join(group);
        if !group.is_dir() {
            continue;
        }
        for entry in std::fs::read_dir(group)? {
            let path = entry?.path();
            if path.is_dir() {
                roots.push(path.join("main.rs"));
            } else if path.extension().is_some_and(|end| end == "rs") {
                roots.push(path);
            }
        }
    }
    roots.retain(|file| file.is_file());
    roots.sort();
    roots
        .iter()
        .map(|file| target(package, &folder, file))
        .collect()
}

fn target(package: &str, folder: &Path, root: &Path) -> io::Result<Target> {
    let mut modules = Vec::new();
    let children = root.parent().unwrap_or(folder);
    read_module(root, children, &[], &mut modules)?;
    let file = root.strip_prefix(folder).unwrap_or(root);
    Ok(Target {
        name: format!("{package}: {}", file.display()),
        modules,
    })
}

/// Reads a module's file and the files of the modules that it declares, which are in the folder `children`.
fn read_module(
    file: &Path,
    children: &Path,
    path: &[String],
    modules: &mut Vec<(Vec<String>, Source)>,
) -> io::Result<()> {
    let source = Source::parse(&std::fs::read_to_string(file)?);
    let declared = source.modules.clone();
    modules.push((path.to_vec(), source));
    for name in declared {
        let inside = children.join(&name);
        let beside = children.join(format!("{name}.rs"));
        let file = if beside.is_file() {
            beside
        } else {
            inside.join("mod.rs")
        };
        // A module with a `#[path]` elsewhere, or made at build time, is not read.
        if file.is_file() {
            let mut path = path.to_vec();
            path.push(name);
            read_module(&file, &inside, &path, modules)?;
        }
    }
    Ok(())
}
