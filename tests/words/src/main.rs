//! `cargo run -p words -- [--root DIR] [--counts] [PATH...]`: lists uses of words that have a standard term.
//!
//! - `PATH...`: only below these paths; everything by default
//! - `--counts`: totals by word and folder, and uses per 100,000 lines, instead of each use
//! - `--root DIR`: another checkout [the one that contains the current folder]

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use words::{Allowances, Hit, check, folder_of, source_files};

#[derive(Default)]
struct Arguments {
    root: Option<PathBuf>,
    counts: bool,
    paths: Vec<String>,
}

fn arguments() -> Arguments {
    let mut arguments = Arguments::default();
    let mut given = std::env::args().skip(1);
    while let Some(argument) = given.next() {
        match argument.as_str() {
            "--root" => arguments.root = given.next().map(PathBuf::from),
            "--counts" => arguments.counts = true,
            path => arguments
                .paths
                .push(path.trim_start_matches("./").to_owned()),
        }
    }
    arguments
}

/// The nearest folder upwards with the workspace's lock file.
fn checkout() -> Option<PathBuf> {
    let current = std::env::current_dir().ok()?;
    let found = current
        .ancestors()
        .find(|folder| folder.join("Cargo.lock").is_file());
    found.map(Path::to_owned)
}

fn run() -> Result<ExitCode, Box<dyn Error>> {
    let arguments = arguments();
    let root = arguments
        .root
        .or_else(checkout)
        .ok_or("no checkout in the current folder or above; name one with --root")?;
    let exceptions = std::fs::read_to_string(root.join("tests/words/allowed.txt"));
    let mut allowed = Allowances::parse(&exceptions.unwrap_or_default())?;
    let mut hits = check(&root, &mut allowed)?;
    let is_below = |path: &str| {
        arguments.paths.is_empty()
            || arguments
                .paths
                .iter()
                .any(|start| path.starts_with(start.as_str()))
    };
    hits.retain(|hit| is_below(&hit.path));
    if arguments.counts {
        let files = source_files(&root)?;
        let lines = files
            .iter()
            .filter(|file| is_below(&file.path))
            .map(|file| file.text.lines().count())
            .sum();
        print(&counts(&hits, lines));
    } else {
        let listed: String = hits.iter().map(|hit| format!("{hit}\n")).collect();
        print(&format!("{listed}{} uses\n", hits.len()));
    }
    Ok(ExitCode::from(u8::from(!hits.is_empty())))
}

/// A reader that closes the pipe, such as `head`, has what it needs.
fn print(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}

fn counts(hits: &[Hit], lines: usize) -> String {
    let by_word = counts_by("word", hits, |hit| hit.word);
    let by_folder = counts_by("folder", hits, |hit| folder_of(&hit.path));
    let uses = hits.len();
    let rate = uses * 100_000 / lines.max(1);
    format!("{by_word}{by_folder}{uses} uses in {lines} lines: {rate} per 100,000 lines\n")
}

fn counts_by<'a>(what: &str, hits: &'a [Hit], key: impl Fn(&'a Hit) -> &'a str) -> String {
    let mut counts = BTreeMap::<&str, usize>::new();
    for hit in hits {
        *counts.entry(key(hit)).or_default() += 1;
    }
    let lines: String = counts
        .iter()
        .map(|(key, count)| format!("{count:4}  {key}\n"))
        .collect();
    format!("uses  {what}\n{lines}\n")
}

fn main() -> ExitCode {
    run().unwrap_or_else(|error| {
        let _ = writeln!(std::io::stderr(), "words: {error}");
        ExitCode::from(2)
    })
}
