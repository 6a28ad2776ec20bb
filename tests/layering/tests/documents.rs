//! The documents name code that exists: functions, tests, files and folders.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use layering::crates::root;

/// The documents for contributors and the evidence. The others name things of other programs too.
const DOCUMENTS: [&str; 4] = [
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "docs/GUARANTEES.md",
    "docs/SECURITY.md",
];

/// Names that are patterns.
const PATTERNS: [&str; 2] = ["subject_condition_result", "shared/feeds/src/NAME.rs"];

/// The texts between backticks, without code blocks.
fn quoted(document: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string(root().join(document)).unwrap();
    let outside = text.split("```").step_by(2);
    let lines = outside.flat_map(str::lines);
    lines
        .flat_map(|line| line.split('`').skip(1).step_by(2))
        .filter(|name| !PATTERNS.contains(name))
        .map(str::to_owned)
        .collect()
}

fn is_snake_case(name: &str) -> bool {
    let is_part = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '_';
    name.contains('_')
        && name.starts_with(|char: char| char.is_ascii_lowercase())
        && name.chars().all(is_part)
}

/// The Rust files of the repository, without build output.
fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default();
        if path.is_dir() && name != "target" && name != "node_modules" {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The names in the code, and the names of its functions.
fn code() -> (BTreeSet<String>, BTreeSet<String>) {
    let mut files = Vec::new();
    for folder in ["cli", "functions", "shared", "tests", "xtask"] {
        rust_files(&root().join(folder), &mut files);
    }
    let (mut names, mut functions) = (BTreeSet::new(), BTreeSet::new());
    for file in files
        .iter()
        .filter(|file| !file.ends_with("layering/tests/documents.rs"))
    {
        let text = std::fs::read_to_string(file).unwrap();
        let mut previous = "";
        for word in text.split(|char: char| !(char.is_alphanumeric() || char == '_')) {
            if previous == "fn" {
                functions.insert(word.to_owned());
            }
            if word.contains('_') {
                names.insert(word.to_owned());
            }
            if !word.is_empty() {
                previous = word;
            }
        }
        let module = file.file_stem().unwrap_or_default();
        names.insert(module.to_string_lossy().into_owned());
    }
    (names, functions)
}

#[test]
fn documents_name_code_that_exists() {
    let (names, _) = code();
    let mut missing = Vec::new();
    for document in DOCUMENTS {
        let quoted = quoted(document).into_iter();
        let unknown = quoted.filter(|name| is_snake_case(name) && !names.contains(name));
        missing.extend(unknown.map(|name| format!("{document}: {name}")));
    }
    assert!(missing.is_empty(), "\n{}\n", missing.join("\n"));
}

/// Each promise names the test that shows it.
#[test]
fn promises_name_tests_that_exist() {
    let (_, functions) = code();
    let text = std::fs::read_to_string(root().join("docs/GUARANTEES.md")).unwrap();
    let promises = text.split("## ").find(|part| part.starts_with("Promises"));
    let cells = promises
        .unwrap()
        .lines()
        .filter(|line| line.starts_with("| "));
    let cells = cells.filter_map(|line| line.trim_end_matches(" |").rsplit('|').next());
    let quoted: Vec<_> = cells
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .filter(|name| is_snake_case(name))
        .collect();
    assert!(quoted.len() >= 5, "{quoted:?}");
    let missing: Vec<_> = quoted
        .iter()
        .filter(|name| !functions.contains(**name))
        .collect();
    assert!(missing.is_empty(), "no tests: {missing:?}");
}

#[test]
fn documents_name_files_that_exist() {
    let folders = [
        "cli/",
        "docs/",
        "functions/",
        "infra/",
        "shared/",
        "tests/",
        "xtask/",
    ];
    let mut missing = Vec::new();
    for document in DOCUMENTS {
        let is_path = |name: &String| {
            folders.iter().any(|folder| name.starts_with(folder)) && !name.contains(['*', ' ', ':'])
        };
        let paths = quoted(document).into_iter().filter(is_path);
        let gone = paths.filter(|path| !root().join(path).exists());
        missing.extend(gone.map(|path| format!("{document}: {path}")));
    }
    assert!(missing.is_empty(), "\n{}\n", missing.join("\n"));
}
