//! `cargo xtask book`: the documents as a book with search, which reads without a network.
//!
//! Links in a document are relative to its place in the repository. The task therefore copies the chapters
//! with their folders into the target directory and builds the book there. It then checks every link and
//! anchor but those to the web ([`links`]), and that the search index contains every chapter ([`search`]).

mod links;
mod search;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::command::{command, run_program};
use crate::tools;
use crate::workspace::Workspace;

/// The copied files and folders: the chapters, and the files to which they link.
const PARTS: [&str; 7] = [
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "README.md",
    "docs",
    "infra",
];

/// Builds the book and checks its links. Returns its first page.
pub(crate) fn build(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let mdbook = tools::mdbook(workspace)?;
    let book = workspace.target.join("book");
    if book.exists() {
        fs::remove_dir_all(&book)?;
    }
    let pages = book.join("pages");
    for part in PARTS {
        copy(&workspace.root.join(part), &pages.join(part))?;
    }
    fs::rename(pages.join("docs/book.toml"), book.join("book.toml"))?;
    let summary = fs::read_to_string(pages.join("docs/SUMMARY.md"))?;
    let summary = seen_from_the_root(&summary);
    fs::write(pages.join("SUMMARY.md"), &summary)?;
    fs::remove_file(pages.join("docs/SUMMARY.md"))?;

    let html = book.join("html");
    let mut build = command(mdbook);
    run_program(build.arg("build").arg("--dest-dir").arg(&html).arg(&book))?;
    links::check(&html)?;
    search::check(&html, &chapters(&summary))?;
    Ok(html.join("index.html"))
}

/// Opens the book in the user's browser.
pub(crate) fn open(workspace: &Workspace) -> anyhow::Result<()> {
    let page = build(workspace)?;
    let opener = if cfg!(target_os = "macos") {
        "open"
    } else {
        "xdg-open"
    };
    run_program(command(opener).arg(page))
}

/// mdBook reads the table of contents from the root of the chapters; in the repository it is in `docs`.
fn seen_from_the_root(summary: &str) -> String {
    let below_docs = summary.replace("](", "](docs/");
    below_docs.replace("](docs/../", "](")
}

/// The files that the table of contents names.
fn chapters(summary: &str) -> Vec<String> {
    let links = summary.split("](").skip(1);
    let links = links.filter_map(|rest| rest.split(')').next());
    links.map(str::to_owned).collect()
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    if from.is_dir() {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::copy(from, to).with_context(|| format!("copying {}", from.display()))?;
    Ok(())
}
