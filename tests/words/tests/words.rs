//! The repository uses standard terms. See the crate's documentation for the rules and exceptions.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "in a test a panic is the report, and counts are printed"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use words::{Allowances, Hit, RULES, SourceFile, check, folder_of, hits_in};

/// The workspace in which cargo runs the test; two checkouts may share a target directory, and then also this program.
fn root() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let package = package.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).to_owned());
    package.join("../..").canonicalize().unwrap()
}

fn allowances() -> Allowances {
    let exceptions = std::fs::read_to_string(root().join("tests/words/allowed.txt"));
    Allowances::parse(&exceptions.unwrap()).unwrap()
}

#[test]
fn repository_uses_standard_terms() {
    let mut allowed = allowances();
    let hits = check(&root(), &mut allowed).unwrap();
    print(&allowed, &hits);
    let listed: String = hits.iter().map(|hit| format!("{hit}\n")).collect();
    assert!(hits.is_empty(), "{}:\n{listed}", hits.len());
}

fn print(allowed: &Allowances, hits: &[Hit]) {
    println!("allowed:");
    allowed.iter().for_each(|one| println!("{one}"));
    let mut counts = BTreeMap::<_, usize>::new();
    for hit in hits {
        *counts.entry(hit.word).or_default() += 1;
    }
    println!("not allowed:");
    for (word, count) in counts {
        println!("{count:5}  {word}");
    }
}

#[test]
fn exceptions_are_all_used() {
    let mut allowed = allowances();
    check(&root(), &mut allowed).unwrap();
    let unused: Vec<_> = allowed.unused().map(ToString::to_string).collect();
    assert!(
        unused.is_empty(),
        "unused exceptions:\n{}",
        unused.join("\n")
    );
}

#[test]
fn rules_have_distinct_names() {
    let mut names: Vec<_> = RULES
        .iter()
        .map(|rule| (rule.name(), format!("{:?}", rule.scope)))
        .collect();
    names.sort();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
}

fn found(path: &str, text: &str) -> Vec<String> {
    let file = SourceFile {
        path: path.to_owned(),
        text: text.to_owned(),
    };
    hits_in(&file).into_iter().map(|hit| hit.found).collect()
}

#[track_caller]
fn check_rust(text: &str, expected: &[&str]) {
    assert_eq!(found("a.rs", text), expected, "{text}");
}

#[test]
fn rust_words_are_found_in_comments_literals_and_identifiers() {
    check_rust("/// The lock is told.", &["told"]);
    check_rust("let a = \"The lock is told.\";", &["told"]);
    check_rust("let a = r#\"a \"told\" b\"#;", &["told"]);
    check_rust("fn what_was_told() {}", &["told"]);
    check_rust("struct ChannelLane;", &["lane"]);
    check_rust(
        "fn f<'a>(c: char) -> bool { c == 'a' || c == '\\'' } // told",
        &["told"],
    );
}

#[test]
fn rust_names_of_libraries_are_not_found() {
    check_rust("let a = x.round(); interval.tick().await;", &[]);
    check_rust("let chart_museum = ChartMuseum::new();", &[]);
    check_rust("/// The dead letter.", &[]);
    check_rust("/// A round trip, by hand.", &[]);
}

#[test]
fn phrases_continue_over_lines_of_a_comment() {
    check_rust("/// The message is thrown\n/// away.", &["thrown away"]);
    check_rust("/// The message is thrown. Away.", &[]);
}

#[test]
fn sentences_that_begin_with_what_are_found_unless_they_ask() {
    check_rust("/// What is read.", &["what"]);
    check_rust("/// What is read?", &[]);
    check_rust("fn f() { NumberOf::What }", &[]);
}

#[test]
fn lock_may_be_held() {
    check_rust("/// The lock is held.", &[]);
    check_rust("/// The file is held.", &["held"]);
}

#[test]
fn file_names_are_searched() {
    assert_eq!(found("shared/lanes.rs", ""), ["lanes"]);
}

#[test]
fn folders_are_those_of_one_crate() {
    for (path, folder) in [
        ("README.md", "."),
        ("docs/adr/0001.md", "docs"),
        ("shared/feeds/src/lib.rs", "shared/feeds"),
        ("cli/src/main.rs", "cli"),
    ] {
        assert_eq!(folder_of(path), folder);
    }
}
