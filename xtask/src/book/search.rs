//! Checks that the search index of the book contains every page.

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};

/// How mdBook begins the name of the index; the rest is a hash.
const INDEX: &str = "searchindex";

/// Checks that the index contains each of these chapters, given by their paths in the repository.
///
/// # Errors
/// Names every one that it does not know.
pub(super) fn check(book: &Path, chapters: &[String]) -> anyhow::Result<()> {
    let index = index(book)?;
    let is_unknown = |chapter: &&String| !index.contains(&format!("\"{}#", page(chapter)));
    let unknown: Vec<_> = chapters.iter().filter(is_unknown).collect();
    if !unknown.is_empty() {
        bail!("the book's search does not know {unknown:?}");
    }
    println!("{} chapters can be searched", chapters.len());
    Ok(())
}

fn index(book: &Path) -> anyhow::Result<String> {
    for entry in fs::read_dir(book)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(INDEX) {
            let path = entry.path();
            return fs::read_to_string(&path).with_context(|| path.display().to_string());
        }
    }
    bail!("the book has no {INDEX}")
}

/// `docs/FEEDS.md` is shown as `docs/FEEDS.html`.
fn page(chapter: &str) -> String {
    let name = chapter.strip_suffix(".md").unwrap_or(chapter);
    format!("{name}.html")
}
