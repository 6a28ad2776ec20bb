//! The Maven format and its ranges.

use domain::range::VersionRange;
use domain::version::VersionFormat;

use crate::tables::{
    NO_RANGES_MAVEN, ORDER_MAVEN, RANGES_MAVEN, RISING_MAVEN, conditions, named_faults, relations,
    rows,
};
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
    let rising: Vec<_> = rows(RISING_MAVEN).collect();
    check_chain(FORMAT, &rising);
    check_order(FORMAT, &relations(ORDER_MAVEN));
}

#[test]
fn unknown_words_sort_alphabetically() {
    check_order(
        FORMAT,
        &[
            ("1.0-abc", '<', "1.0-abd"),
            ("1.0-abc", '<', "1.0-abca"),
            ("1.0-ABC", '=', "1.0-abc"),
        ],
    );
}

/// A single character is short for a stage before the release only where a number follows.
#[test]
fn single_character_before_a_digit_is_a_stage() {
    for stage in ["a", "b", "m"] {
        let (alone, numbered) = (format!("1-{stage}"), format!("1-{stage}1"));
        check_order(FORMAT, &[(&alone, '>', "1"), (&numbered, '<', "1")]);
    }
}

/// Compared item by item, these versions are cyclic, which no sort can handle.
#[test]
fn the_circle_is_broken() {
    check_chain(
        FORMAT,
        &["1.0-rc1", "1.0rc1", "1.0", "1.0-jre", "1.0-1", "1.0.1"],
    );
}

#[test]
fn ranges() {
    check_ranges(FORMAT, &conditions(RANGES_MAVEN));
    let spaced = "( , 1.0 ] , [ 1.2 , )  in: 1.0 1.2  out: 1.1";
    check_ranges(FORMAT, &conditions(spaced));
    // Sets may touch.
    let touching = "[1.0,1.2],[1.2,2.0]  in: 1.0 1.2 2.0  out: 0.9 2.1";
    check_ranges(FORMAT, &conditions(touching));
}

#[test]
fn what_is_no_range() {
    let blank = [(0, "Blank", "")];
    for (offset, fault, text) in named_faults(NO_RANGES_MAVEN).into_iter().chain(blank) {
        let error = VersionRange::parse(FORMAT, text).map(drop).unwrap_err();
        let found = (error.offset, format!("{:?}", error.fault));
        assert_eq!(found, (offset, fault.to_owned()), "{text}");
        assert!(!error.is_not_evaluable());
    }
}
