//! `firstSight`: what a package without a version in the previous release means.

use domain::options::{CatchUp, FirstSight, Options};

use super::{table, with_packages};
use crate::at;
use crate::case::Case;

const BASELINE: &str = "skip: every version existed when the trigger was first seen, and firstSight is baseline; only later versions are released";

fn baseline(packages: &[&str], since: i64) -> Case {
    let mut case = with_packages(packages).options(Options {
        first_sight: FirstSight::Baseline,
        ..Options::default()
    });
    case.trigger.since = at(since);
    case
}

#[test]
fn compare_releases_what_is_there() {
    table([(with_packages(&["web 1.0 1.1"]), "create web 1.1")]);
}

#[test]
fn baseline_releases_what_comes_after() {
    table([
        (baseline(&["web 1.0@50 1.1@50"], 0), BASELINE),
        // Another trigger watched the package long before this one was created.
        (baseline(&["web 1.0@10 1.1@40"], 60), BASELINE),
        (
            baseline(&["web 1.0@10 1.1@40 1.2@70"], 60),
            "create web 1.2",
        ),
        // An older version that comes later is nothing new.
        (baseline(&["web 1.0@10 1.1@40 1.0.5@70"], 60), BASELINE),
        // With an earlier release there is something to compare with.
        (
            baseline(&["web 1.0@50 1.1@50"], 60).released("web 1.0"),
            "create web 1.1",
        ),
        (
            baseline(&["web 1.0@50 1.1@50", "api 2.0@50"], 60).released("web 1.0"),
            "create web 1.1, api 2.0",
        ),
    ]);
}

#[test]
fn baseline_and_every_release_all_that_comes_after() {
    let mut case = baseline(&["web 1.0@10 1.1@40 1.2@70 1.3@80"], 60);
    case.trigger.options.catch_up = CatchUp::Every;
    assert_eq!(case.releases(), ["web 1.2", "web 1.3"]);
}
