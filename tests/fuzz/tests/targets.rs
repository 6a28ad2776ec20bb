//! Each target over its seeds, and over mutations of them that are the same in every run.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "in a test a panic is the report"
)]

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use fuzz::mutate::Mutator;
use fuzz::{TARGETS, Target, named};

/// Mutations of each target in a test run. More are for `cargo xtask fuzz`.
const MUTATIONS: usize = 3_000;

/// The seed of the mutations.
const NUMBER: u64 = 1;

fn seeds(target: Target) -> Vec<Vec<u8>> {
    let folder = std::fs::read_dir(target.corpus());
    let folder = folder.unwrap_or_else(|error| panic!("{}: {error}", target.name));
    let mut paths: Vec<_> = folder
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    let read = |path| std::fs::read(path).expect("a seed");
    paths.into_iter().map(read).collect()
}

/// Shows the input at which the target panics.
fn run(target: Target, input: &[u8]) {
    let text = || String::from_utf8_lossy(input).into_owned();
    if catch_unwind(AssertUnwindSafe(|| (target.run)(input))).is_err() {
        panic!("{} on {:?}", target.name, text());
    }
}

fn drive(name: &str) {
    let target = named(name).expect("there is such a target");
    let seeds = seeds(target);
    assert!(!seeds.is_empty(), "{name} has no seeds");
    for seed in &seeds {
        run(target, seed);
    }
    let mut mutator = Mutator::new(NUMBER, &seeds);
    for _ in 0..MUTATIONS {
        run(target, &mutator.next_input());
    }
}

macro_rules! drive {
    ($($name:ident)*) => {
        const DRIVEN: &[&str] = &[$(stringify!($name)),*];
        $(#[test] fn $name() { drive(stringify!($name)); })*
    };
}

drive! {
    link challenge pauses tags walk index_yaml index_json signature octopus event message rows versions ranges
    patterns rules triggers settings webhook webhook_proof
}

#[test]
fn every_target_is_driven_and_has_its_folder() {
    let driven: BTreeSet<_> = DRIVEN.iter().map(|name| (*name).to_owned()).collect();
    let targets: BTreeSet<_> = TARGETS
        .iter()
        .map(|target| target.name.to_owned())
        .collect();
    assert_eq!(driven, targets);
    let corpus = TARGETS[0].corpus().join("..");
    let folders = std::fs::read_dir(corpus).expect("the corpus");
    let folders = folders.map(|entry| entry.expect("an entry").file_name());
    let folders: BTreeSet<_> = folders
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    assert_eq!(folders, targets);
}
