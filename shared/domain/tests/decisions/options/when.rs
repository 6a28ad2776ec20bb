//! `when`: what must be newer.

use domain::options::{Options, When};

use super::{table, with_packages};
use crate::case::Case;

fn all(packages: &[&str], released: &str) -> Case {
    with_packages(packages).released(released).options(Options {
        when: When::All,
        ..Options::default()
    })
}

fn same(packages: &[&str], released: &str, extract: Option<&str>) -> Case {
    with_packages(packages).released(released).options(Options {
        when: When::SameVersion {
            extract: extract.map(str::to_owned),
        },
        ..Options::default()
    })
}

#[test]
fn all_waits_for_every_source() {
    table([
        (
            all(&["web 1.0 1.1", "api 2.0"], "web 1.0, api 2.0"),
            "wait: nothing newer of acme/api yet; the trigger requires all of its sources to be newer",
        ),
        (
            all(&["web 1.0 1.1", "api 2.0 2.1"], "web 1.0, api 2.0"),
            "create web 1.1, api 2.1",
        ),
        (
            all(&["web 1.0", "api 2.0"], "web 1.0, api 2.0"),
            "skip: no source is newer than in the previous release 0.0.7",
        ),
    ]);
}

#[test]
fn same_version_takes_the_newest_that_all_have() {
    table([
        (
            same(
                &["web 1.0 1.1 1.2", "api 1.0 1.1"],
                "web 1.0, api 1.0",
                None,
            ),
            "create web 1.1, api 1.1",
        ),
        // Not only the newest of each.
        (
            same(
                &["web 1.0 1.1 1.3", "api 1.0 1.1 1.2"],
                "web 1.0, api 1.0",
                None,
            ),
            "create web 1.1, api 1.1",
        ),
        // As versions, not as text.
        (
            same(&["web 1.0 v1.1.0", "api 1.0 1.1"], "web 1.0, api 1.0", None),
            "create web v1.1.0, api 1.1",
        ),
        (
            same(&["web 1.0 1.1", "api 1.0 1.2"], "web 1.0, api 1.0", None),
            "wait: the sources have no newer version in common; their newest are acme/web 1.1, acme/api 1.2",
        ),
        (
            same(&["web 1.1", "api 1.1"], "web 1.1, api 1.1", None),
            "skip: no source is newer than in the previous release 0.0.7",
        ),
        (
            same(&["web 1.1 1.2", "api 1.1"], "web 1.1, api 1.1", None),
            "wait: the sources have no newer version in common; their newest are acme/web 1.2, acme/api 1.1",
        ),
        // One package has it already.
        (
            same(&["web 1.1 1.2", "api 1.1 1.2"], "web 1.2, api 1.1", None),
            "create web 1.2, api 1.2",
        ),
        // The shared version is older than the released one of one package.
        (
            same(&["web 1.1 1.3", "api 1.0 1.1"], "web 1.3, api 1.0", None),
            "wait: the sources have no newer version in common; their newest are acme/web 1.3, acme/api 1.1",
        ),
    ]);
}

#[test]
fn same_version_may_look_at_a_part() {
    let commit = Some(r"-g([0-9]+)$");
    table([
        (
            same(
                &["web 1.0-g11 1.1-g12 1.2-g14", "api 3-g11 4-g12 5-g13"],
                "web 1.0-g11, api 3-g11",
                commit,
            ),
            "create web 1.1-g12, api 4-g12",
        ),
        (
            same(&["web 1.0-g11", "api 3-x"], "web 1.0-g10, api 3-x", commit),
            "wait: the sources have no newer version in common; their newest are acme/web 1.0-g11, acme/api 3-x",
        ),
        (
            same(&["web 1.0", "api 1.0"], "web 0.9, api 0.9", Some("(")),
            "refuse: the option when.sameVersion.extract: it is not a regular expression: a ( is never closed (byte 0)",
        ),
    ]);
}
