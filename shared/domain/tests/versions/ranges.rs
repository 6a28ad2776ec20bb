//! NuGet's ranges on Semver and Docker versions.

use domain::range::{RangeFault, VersionRange};
use domain::version::{VersionFault, VersionFormat};

use crate::{check_order, check_ranges};

#[test]
fn semver() {
    check_ranges(
        VersionFormat::Semver,
        &[
            ("1.0", &["1.0", "99.0"], &["0.9.9", "1.0-beta"]),
            ("[1.0]", &["1.0.0"], &["1.0.1"]),
            ("(1.0,)", &["1.0.0.1"], &["1.0.0"]),
            ("(,1.0]", &["1.0", "1.0-beta"], &["1.0.1-alpha"]),
            (
                "[1.0,2.0)",
                &["1.9.9", "2.0.0-beta"],
                &["2.0.0", "1.0.0-beta"],
            ),
            ("[1.0,2.0-0)", &["1.9.9"], &["2.0.0-beta"]),
            (
                "[2.0.0-alpha.1,2.0.0)",
                &["2.0.0-alpha.1", "2.0.0-rc.5"],
                &["2.0.0-alpha", "2.0.0", "2.0.1"],
            ),
            ("[1.0.0.6,1.0.0.6]", &["1.0.0.6"], &["1.0.0.5", "1.0.0.7"]),
            ("(1.0,2.0)", &["1.5"], &["1.0", "2.0"]),
            ("(1.0,2.0]", &["2.0"], &["1.0"]),
            ("[1.0,]", &["1.0", "9"], &["0.9"]),
            ("[,1.0)", &["0"], &["1.0"]),
            (" [ 1.0 , 2.0 ) ", &["1.0"], &["2.0"]),
            ("(1.0,1.0)", &[], &["1.0"]),
        ],
    );
}

#[test]
fn docker() {
    check_order(
        VersionFormat::Docker,
        &[("myfeature", '=', "0.0.0.0-myfeature")],
    );
    check_ranges(
        VersionFormat::Docker,
        &[
            ("[1.0--myfeature,2.0]", &["v1.0-.myfeature"], &["1.0--a"]),
            ("(,1.0)", &["myfeature", "latest"], &["1.0"]),
            (
                "[1.0,2.0)",
                &["1.5.0-alpine", "2.0-alpine", "v1.2"],
                &["latest", "2.0"],
            ),
        ],
    );
}

#[test]
fn what_is_no_range() {
    let rows = [
        ("", 0, RangeFault::Blank),
        ("  ", 2, RangeFault::Blank),
        ("[1.0", 0, RangeFault::Unclosed),
        ("[1.0,2.0", 0, RangeFault::Unclosed),
        ("[1.0,2.0) 3", 9, RangeFault::Trailing),
        ("(1.0)", 1, RangeFault::SingleNotInSquareBrackets),
        ("[1.0)", 1, RangeFault::SingleNotInSquareBrackets),
        ("[]", 1, RangeFault::NoBounds),
        ("(,)", 0, RangeFault::NoBounds),
        ("[1.0,2.0,3.0]", 8, RangeFault::TooManyBounds),
        ("[2.0,1.0]", 5, RangeFault::UpperBelowLower),
        ("[1.0,1.0)", 5, RangeFault::IdenticalBounds),
        ("(1.0,1.0]", 5, RangeFault::IdenticalBounds),
        ("1.*", 2, RangeFault::Floating),
        ("[1.0.*,2.0)", 5, RangeFault::Floating),
    ];
    for (text, offset, fault) in rows {
        let error = VersionRange::parse(VersionFormat::Semver, text)
            .map(drop)
            .unwrap_err();
        assert_eq!(
            error.is_not_evaluable(),
            fault == RangeFault::Floating,
            "{text}"
        );
        assert_eq!((error.offset, error.fault), (offset, fault), "{text}");
    }
}

#[test]
fn a_wrong_bound_is_shown_at_its_place() {
    let error = VersionRange::parse(VersionFormat::Semver, "[1.0, latest)")
        .map(drop)
        .unwrap_err();
    assert_eq!(error.offset, 6);
    let RangeFault::Version(version) = &error.fault else {
        panic!("{error}")
    };
    assert_eq!(version.fault, VersionFault::UnexpectedCharacter('l'));
}
