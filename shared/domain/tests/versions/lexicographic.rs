//! The Lexicographic format.

use domain::version::VersionFormat;

use crate::{check_order, check_refused, version};

const FORMAT: VersionFormat = VersionFormat::Lexicographic;

#[test]
fn order() {
    check_order(
        FORMAT,
        &[
            ("release", '=', "release"),
            ("release", '>', "qrelease"),
            ("release", '<', "srelease"),
            ("123", '>', "100"),
            ("123Release", '>', "100Release"),
            ("release-1", '<', "release-2"),
            ("release-1", '=', "release_1"),
            ("release-1", '=', "release.1"),
            ("release+123", '=', "release+321"),
            ("2024.10.1", '>', "2024.9.1"),
            ("v10", '<', "v9"),
            ("10", '>', "9"),
            ("a", '>', "1"),
            ("a-1", '>', "a"),
        ],
    );
}

#[test]
fn there_are_no_numbers_and_no_prereleases() {
    let found = version(FORMAT, "1.2.3-beta+m");
    assert_eq!(
        (found.numbers(), found.release(), found.metadata()),
        ([0; 4], "1.2.3-beta", "m")
    );
    assert!(!found.is_prerelease());
    assert_eq!(version(FORMAT, "a ").text(), "a");
}

#[test]
fn what_is_none() {
    check_refused(FORMAT, ["", " ", " a", "a b", "a/b", "a+b c", "ä"]);
}
