//! The Maven format and its ranges.

use domain::range::{RangeFault, VersionRange};
use domain::version::VersionFormat;

use crate::{check_chain, check_order, check_ranges, version};

const FORMAT: VersionFormat = VersionFormat::Maven;

#[test]
fn prereleases() {
    for text in [
        "1.0.0-alpha1",
        "1.0.0-a1",
        "1.0.0-beta",
        "1.0.0-B1",
        "1.0.0-m1",
        "1.0.0-CR1",
        "22.0-rc1",
        "1.0.0-snapshot",
        "1.0.0.Alpha2",
        "1.0-milestone-3",
        "SNAPSHOT",
    ] {
        assert!(version(FORMAT, text).is_prerelease(), "{text}");
    }
    for text in [
        "1.0.0",
        "1.0.0-a",
        "1.0.0-release",
        "1.2.3-4-SNAPSHOT",
        "1.0-20240101.120000-1",
        "1.0.0.4",
        "1.0rc1",
    ] {
        assert!(!version(FORMAT, text).is_prerelease(), "{text}");
    }
}

#[test]
fn fields() {
    let rows = [
        ("1.2.3-4-SNAPSHOT", [1, 2, 3, 4], "-SNAPSHOT"),
        ("1.2.3-4", [1, 2, 3, 4], ""),
        ("5.0.9.Final", [5, 0, 9, 0], "Final"),
        ("31.0-jre", [31, 0, 0, 0], "jre"),
        ("sometext", [0; 4], "sometext"),
        ("1.0rc1", [1, 0, 0, 0], ""),
        ("99999999999", [u32::MAX, 0, 0, 0], ""),
    ];
    for (text, numbers, qualifier) in rows {
        let found = version(FORMAT, text);
        assert_eq!(
            (found.numbers(), found.release()),
            (numbers, qualifier),
            "{text}"
        );
    }
}

#[test]
fn white_space_around_is_no_part_of_it() {
    let found = version(FORMAT, " 1.0-rc1 ");
    assert_eq!((found.text(), found.release()), ("1.0-rc1", "rc1"));
    assert_eq!(found, version(FORMAT, "1.0-rc1"));
}

#[test]
fn order() {
    check_chain(
        FORMAT,
        &[
            "1.0-beta1-SNAPSHOT",
            "1.0-beta1",
            "1.0-beta2-SNAPSHOT",
            "1.0-rc1-SNAPSHOT",
            "1.0-rc1",
            "1.0-SNAPSHOT",
            "1.0",
            "1.0-sp",
            "1.0-whatever",
            "1.0.1",
        ],
    );
    check_order(
        FORMAT,
        &[
            ("1.0", '=', "1"),
            ("1.0.0.a1", '=', "1.0.0.alpha1"),
            ("1.0.0.b10", '=', "1.0.0.beta10"),
            ("1.0.0.m3", '=', "1.0.0.milestone3"),
            ("1.0.0", '=', "1.0.0.0"),
            ("version1", '<', "version2"),
            ("VERSION1", '<', "version2"),
            ("1.0.0", '<', "1.0.0.1"),
            ("1.0.0", '<', "1.0.0.1-blah"),
            ("1.0-rc1", '=', "1.0-cr1"),
            ("1.0-ga", '=', "1.0-final"),
            ("1.0-final", '=', "1.0"),
            ("5.0.7.Final", '=', "5.0.7"),
            ("1.0-1", '>', "1.0"),
            ("1.0-1", '<', "1.0.1"),
            ("1-1", '<', "1.1"),
            ("1.0-RELEASE", '>', "1.0"),
            ("1.0-jre", '>', "1.0-sp"),
            ("31.0-jre", '<', "31.1-android"),
            ("1.0-SNAPSHOT", '>', "1.0-rc99"),
            ("1.0.1-SNAPSHOT", '>', "1.0.0"),
            ("1.0-20240101.120000-1", '>', "1.0-SNAPSHOT"),
            ("1.0-alpha-1", '=', "1.0-alpha1"),
            ("1.0-alpha-1", '<', "1.0a1"),
            ("1.0-a", '>', "1.0-alpha"),
            // Numbers have no limit.
            ("1.99999999999999999999", '<', "1.100000000000000000000"),
            ("1.007", '=', "1.7"),
        ],
    );
}

/// Item by item these go round in a circle, which no sort can work with.
#[test]
fn the_circle_is_broken() {
    check_chain(
        FORMAT,
        &["1.0-rc1", "1.0rc1", "1.0", "1.0-jre", "1.0-1", "1.0.1"],
    );
}

#[test]
fn ranges() {
    check_ranges(
        FORMAT,
        &[
            (
                "(,9.0.1)",
                &["8.0.1", "9.0.0.M25"],
                &["9.0.10.M27", "10.0.0.M22"],
            ),
            ("[1.0,)", &["1.0"], &["1.0-SNAPSHOT"]),
            ("[1.0,1.1-SNAPSHOT]", &["1.1-SNAPSHOT"], &["1.1"]),
            ("[5.0.9.0,5.0.10.0)", &["5.0.9.0"], &["5.0.10"]),
            ("[1.5,20)", &["19.4-jre"], &["23.4-jre"]),
            (
                "[2.0.0-alpha.1,2.0.0]",
                &["2.0.0.alpha.1", "2.0.0.beta1", "2.0.0.milestone.1", "2.0.0"],
                &["1.9.9"],
            ),
            ("1.0", &["0.5", "2.0"], &[]),
            ("[1.0]", &["1.0.0"], &["1.0.1"]),
            ("[1.0,2.0)", &["2.0-SNAPSHOT"], &["2.0", "1.0-rc1"]),
            ("(1.0,)", &["1.0-sp"], &["1.0"]),
            ("(,1.0],[1.2,)", &["1.0", "1.2"], &["1.1"]),
            (" ( , 1.0 ] , [ 1.2 , ) ", &["1.0", "1.2"], &["1.1"]),
        ],
    );
}

#[test]
fn what_is_no_range() {
    let rows = [
        ("(1.0)", RangeFault::SingleNotInSquareBrackets),
        ("[1.0)", RangeFault::SingleNotInSquareBrackets),
        ("(1.0]", RangeFault::SingleNotInSquareBrackets),
        ("(1.0,1.0]", RangeFault::IdenticalBounds),
        ("[1.0,1.0)", RangeFault::IdenticalBounds),
        ("(1.0,1.0)", RangeFault::IdenticalBounds),
        ("[1.1,1.0]", RangeFault::UpperBelowLower),
        ("[1.0,1.2),1.3", RangeFault::VersionAmongSets),
        ("[1.0,1.2),(1.1,1.3]", RangeFault::Overlap),
        ("[1.1,1.3),(1.0,1.2]", RangeFault::Overlap),
        ("(1.1,1.2],[1.0,1.1)", RangeFault::Overlap),
        ("[1.0", RangeFault::Unclosed),
        ("(,)", RangeFault::NoBounds),
        ("[]", RangeFault::NoBounds),
        ("", RangeFault::Blank),
    ];
    for (text, fault) in rows {
        let error = VersionRange::parse(FORMAT, text).map(drop).unwrap_err();
        assert_eq!(error.fault, fault, "{text}");
        assert!(!error.is_not_evaluable());
    }
}
