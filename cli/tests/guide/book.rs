//! The pages of the book, and the blocks of commands in them.

use std::path::{Path, PathBuf};

use crate::chapter::steps;
use crate::claim::claim;

/// The languages of blocks that are not shell commands.
const NO_COMMANDS: [&str; 6] = ["", "json", "markdown", "toml", "yaml", "rust"];

/// The beginnings of lines that must be in a block of commands.
const PROGRAMS: [&str; 7] = [
    "$ ", "aws ", "cargo ", "docker ", "export ", "feedctl ", "sam ",
];

/// The root of the workspace.
pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Every page, in the order of the book.
pub(crate) fn pages() -> Vec<PathBuf> {
    let docs = root().join("docs");
    let summary = std::fs::read_to_string(docs.join("SUMMARY.md")).unwrap();
    let links = summary.split("](").skip(1);
    let links = links.filter_map(|rest| rest.split(')').next());
    links.map(|link| docs.join(link)).collect()
}

/// The language of each fenced block, and its lines.
fn blocks(document: &str) -> Vec<(&str, Vec<&str>)> {
    let mut blocks = Vec::new();
    let mut lines = document.lines().map(str::trim_start);
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let block = lines.by_ref().take_while(|line| *line != "```");
            blocks.push((language, block.collect()));
        }
    }
    blocks
}

#[test]
fn every_command_of_the_book_is_covered_by_a_test() {
    let pages = pages();
    assert!(pages.len() >= 20, "{pages:?}");
    let mut uncovered = Vec::new();
    for page in pages {
        let document = std::fs::read_to_string(&page).unwrap();
        for step in steps(&document) {
            if claim(&step.command).is_none() {
                uncovered.push(format!("{}: {}", page.display(), step.command));
            }
        }
    }
    assert!(uncovered.is_empty(), "{}", uncovered.join("\n"));
}

#[test]
fn commands_are_only_in_blocks_that_are_run() {
    for page in pages() {
        let document = std::fs::read_to_string(&page).unwrap();
        for (language, lines) in blocks(&document) {
            if language == "sh" || language == "console" {
                continue;
            }
            let page = page.display();
            assert!(
                NO_COMMANDS.contains(&language),
                "{page}: commands are in blocks of sh or console, not of {language}"
            );
            let is_command = |line: &&str| PROGRAMS.iter().any(|one| line.starts_with(one));
            let hidden = lines.iter().find(|line| is_command(line));
            assert_eq!(hidden, None, "{page}");
        }
    }
}
