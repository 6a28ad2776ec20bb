//! Release version masks.

use domain::mask::{apply_mask, current_for_mask, is_incrementing};

#[test]
fn with_and_without_a_current_version() {
    let rows = [
        ("1.2.3-alpha.i", None, "1.2.3-alpha.0"),
        ("1.2.3-alpha.i", Some("1.2.3-alpha.25"), "1.2.3-alpha.26"),
        ("i.i.i-alpha.i", Some("1.2.3-alpha.25"), "2.0.0-alpha.26"),
        ("c.c.i-alpha.c", Some("1.2.3-alpha.25"), "1.2.4-alpha.25"),
        ("i.c.c", Some("1.2.3-alpha.25"), "2.0.3"),
        ("c.i.c", Some("1.2.3-alpha.25"), "1.3.0"),
        ("c.c.i", Some("1.2.3-alpha.25"), "1.2.4"),
        ("c.c.i", Some("1.2.3.4"), "1.2.4.0"),
        ("1.2.3-hi.i", Some("1.1.1.1"), "1.2.3.0-hi.1"),
        ("c.c.c-i", Some("1.2.3"), "1.2.3-1"),
        ("1.2.3.4-i.1", Some("1.2.3.4-25.2"), "1.2.3.4-26.1"),
        ("c.c.c_i", Some("whatever"), "c.c.c_i"),
        ("c.c.i-test", Some("alpha.25"), "0.0.1-test"),
        ("c.c.i", None, "0.0.0"),
        ("1.2.3+b.i", Some("1.2.3+b.4"), "1.2.3+b.5"),
        ("1.2.3-i.c", Some("1.2.3-4.5"), "1.2.3-5.0"),
        ("1.2.3-i", Some("1. 2. 3-4"), "1.2.3-5"),
        ("1.2.3-i ", Some("1.2.3-4"), "1.2.3-i"),
        ("1.2.3-whatever", Some("1.2.2.2"), "1.2.3.0-whatever"),
        ("1.2.3.4.5", Some("1.2.3"), "1.2.3.4.5"),
        ("1.2.3-", None, "1.2.3"),
    ];
    for (mask, current, expected) in rows {
        assert_eq!(
            apply_mask(mask, current).unwrap(),
            expected,
            "{mask} after {current:?}"
        );
    }
    for prefix in ["v", "V"] {
        let mask = format!("{prefix}c.c.i");
        assert_eq!(
            apply_mask(&mask, Some("1.2.3")).unwrap(),
            format!("{prefix}1.2.4")
        );
    }
}

#[test]
fn the_result_must_be_a_version() {
    for (mask, current) in [
        ("1.2.3- i", None),
        ("", None),
        ("c.i", Some("1.2147483647")),
    ] {
        assert!(apply_mask(mask, current).is_err(), "{mask:?}");
    }
}

#[test]
fn incrementing_masks_result_in_another_number_each_time() {
    for (mask, expected) in [
        ("1.2.i", true),
        ("1.2.3-rc.i", true),
        ("1.2.3+build.i", true),
        ("1.c.3", false),
        ("1.2.3", false),
        ("no mask", false),
    ] {
        assert_eq!(is_incrementing(mask), expected, "{mask}");
    }
}

#[test]
fn the_current_version_agrees_up_to_the_first_substitute() {
    let all = [
        "1.2.3",
        "1.3.0",
        "2.0.0-rc.1",
        "2.0.0",
        "not a version",
        "2.0.0+m",
    ];
    let rows = [
        ("i.0.0", Some("2.0.0")),
        ("1.i", Some("1.3.0")),
        ("1.2.i", Some("1.2.3")),
        ("1.2.3-hi.i", Some("1.2.3")),
        ("3.i.i", None),
        ("1.2", None),
        ("no mask", None),
    ];
    for (mask, expected) in rows {
        assert_eq!(current_for_mask(mask, all), expected, "{mask}");
    }
}
