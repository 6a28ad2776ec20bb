//! Every message that the guide quotes exists in the source.

use std::fs;
use std::path::Path;

const TROUBLESHOOTING: &str = include_str!("../../../docs/guide/troubleshooting.md");

/// The messages in the first column of the tables, between backquotes.
fn quoted() -> Vec<&'static str> {
    let rows = TROUBLESHOOTING
        .lines()
        .filter_map(|line| line.strip_prefix("| "));
    let first = rows.filter_map(|row| row.split(" | ").next());
    first
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .collect()
}

/// Every source of the product, each string on one line.
fn sources(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with("tests") {
            continue;
        }
        if path.is_dir() {
            sources(&path, text);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            for line in fs::read_to_string(path).unwrap().lines() {
                match line.strip_suffix('\\') {
                    Some(begun) => text.push_str(begun.trim_start()),
                    None => {
                        text.push_str(line.trim_start());
                        text.push('\n');
                    }
                }
            }
        }
    }
}

#[test]
fn guide_quotes_only_messages_of_the_source() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut source = String::new();
    for folder in ["shared", "cli/src", "functions"] {
        sources(&root.join(folder), &mut source);
    }
    let quoted = quoted();
    assert!(quoted.len() >= 30, "{quoted:?}");
    for message in quoted {
        for piece in message.split("...").map(str::trim) {
            assert!(
                source.contains(piece),
                "the source does not contain {piece:?} of {message:?}"
            );
        }
    }
}
