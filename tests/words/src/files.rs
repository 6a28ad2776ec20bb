//! The text files of the repository.

use std::path::Path;

/// Extensions of files that people write.
const EXTENSIONS: &[&str] = &[
    "css", "js", "json", "md", "mjs", "py", "rs", "svg", "toml", "txt", "yaml", "yml",
];

/// Paths that are not checked: a path or, with `/` at its end, a folder.
const SKIPPED: &[&str] = &[
    // Contains the listed words.
    "tests/words/",
    // Input for parsers, much of it generated.
    "tests/fuzz/corpus/",
];

/// A file that is checked.
#[derive(Debug)]
pub struct SourceFile {
    /// Path below the root, with `/`.
    pub path: String,
    /// Its content.
    pub text: String,
}

impl SourceFile {
    /// The line number from 1 and the trimmed line at a byte offset.
    pub(crate) fn line_at(&self, offset: usize) -> (usize, String) {
        let start = self.text[..offset].rfind('\n').map_or(0, |at| at + 1);
        let number = self.text[..offset].matches('\n').count() + 1;
        let line = self.text[start..].lines().next().unwrap_or_default();
        (number, line.trim().to_owned())
    }
}

/// All files below `root` that people write, sorted by path; folders that begin with a dot, `target` and
/// `node_modules` are not read, except `.github`, `.ci`, `.config` and `.cargo`.
///
/// # Errors
///
/// When a folder cannot be listed or a file is not UTF-8.
pub fn source_files(root: &Path) -> std::io::Result<Vec<SourceFile>> {
    let mut files = Vec::new();
    walk(root, "", &mut files)?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn walk(folder: &Path, prefix: &str, files: &mut Vec<SourceFile>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        if entry.file_type()?.is_dir() {
            let inside = format!("{path}/");
            if is_read(&name) && !SKIPPED.contains(&inside.as_str()) {
                walk(&entry.path(), &inside, files)?;
            }
        } else if is_checked(&name) && !SKIPPED.contains(&path.as_str()) {
            let text = std::fs::read_to_string(entry.path())?;
            files.push(SourceFile { path, text });
        }
    }
    Ok(())
}

fn is_read(folder: &str) -> bool {
    match folder.strip_prefix('.') {
        Some(hidden) => ["github", "ci", "config", "cargo"].contains(&hidden),
        None => !["target", "node_modules"].contains(&folder),
    }
}

fn is_checked(name: &str) -> bool {
    let extension = Path::new(name).extension().and_then(|end| end.to_str());
    let package_lock = name == "package-lock.json";
    !package_lock && extension.is_some_and(|end| EXTENSIONS.contains(&end))
}

/// The folder of one crate: `shared/feeds` of `shared/feeds/src/lib.rs`, `docs` of `docs/FEEDS.md`, `.` of
/// `README.md`.
#[must_use]
pub fn folder_of(path: &str) -> &str {
    let mut slashes = path.match_indices('/').map(|(at, _)| at);
    let first = slashes.next();
    let nested = ["shared/", "functions/", "tests/"]
        .iter()
        .any(|top| path.starts_with(top));
    match (first, slashes.next()) {
        (None, _) => ".",
        (Some(_), Some(second)) if nested => &path[..second],
        (Some(first), _) => &path[..first],
    }
}
