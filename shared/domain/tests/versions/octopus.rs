//! The Octopus and Docker formats.

use domain::version::{Version, VersionFault, VersionFormat};

use crate::tables::{NONE_DOCKER, ORDER_DOCKER, relations, rows};
use crate::{check_order, check_refused, version};

const BOTH: [VersionFormat; 2] = [VersionFormat::Octopus, VersionFormat::Docker];

/// Input, numbers, release, its prefix and counter, metadata.
type Row<'t> = (&'t str, [u32; 4], &'t str, (&'t str, &'t str), &'t str);

#[test]
fn parse_table() {
    let rows: &[Row<'_>] = &[
        ("1.2.3.4", [1, 2, 3, 4], "", ("", ""), ""),
        ("v1.0.0", [1, 0, 0, 0], "", ("", ""), ""),
        ("V0.0.1", [0, 0, 1, 0], "", ("", ""), ""),
        (
            "1.1.2-prerelease+meta",
            [1, 1, 2, 0],
            "prerelease",
            ("prerelease", ""),
            "meta",
        ),
        (
            "1.0.0-alpha.beta",
            [1, 0, 0, 0],
            "alpha.beta",
            ("alpha", "beta"),
            "",
        ),
        (
            "1.2.3----RC-SNAPSHOT.12.9.1--.12+788",
            [1, 2, 3, 0],
            "---RC-SNAPSHOT.12.9.1--.12",
            ("", "--RC-SNAPSHOT.12.9.1--.12"),
            "788",
        ),
        (
            "1.0.0+0.build.1-rc.10000aaa-kk-0.1",
            [1, 0, 0, 0],
            "",
            ("", ""),
            "0.build.1-rc.10000aaa-kk-0.1",
        ),
        ("1.0-alpha", [1, 0, 0, 0], "alpha", ("alpha", ""), ""),
        (
            "1.0a1-SNAPSHOT",
            [1, 0, 0, 0],
            "a1-SNAPSHOT",
            ("a1", "SNAPSHOT"),
            "",
        ),
        ("1-0-alpha", [1, 0, 0, 0], "0-alpha", ("0", "alpha"), ""),
        ("1_0alpha", [1, 0, 0, 0], "0alpha", ("0alpha", ""), ""),
        (
            "1-2.3-SNAPSHOT",
            [1, 0, 0, 0],
            "2.3-SNAPSHOT",
            ("2", "3-SNAPSHOT"),
            "",
        ),
        ("1.0.2.3-rc1", [1, 0, 2, 3], "rc1", ("rc1", ""), ""),
        ("19.0.0.Final", [19, 0, 0, 0], "Final", ("Final", ""), ""),
        (
            "284.0.0-debian_component_based",
            [284, 0, 0, 0],
            "debian_component_based",
            ("debian", "component_based"),
            "",
        ),
        ("latest", [0; 4], "latest", ("latest", ""), ""),
        ("stable", [0; 4], "stable", ("stable", ""), ""),
        (
            "NotAVersionSting",
            [0; 4],
            "NotAVersionSting",
            ("NotAVersionSting", ""),
            "",
        ),
        ("+invalid", [0; 4], "", ("", ""), "invalid"),
        ("-invalid.01", [0; 4], "invalid.01", ("invalid", "01"), ""),
        ("alpha..", [0; 4], "alpha..", ("alpha", "."), ""),
        ("1.0.0-beta.", [1, 0, 0, 0], "beta.", ("beta", ""), ""),
        (
            r"stable-\hi_there.how-are+you+today",
            [0; 4],
            r"stable-\hi_there.how-are",
            ("stable", r"\hi_there.how-are"),
            "you+today",
        ),
        ("1.2.3-4_5", [1, 2, 3, 0], "4_5", ("4", "5"), ""),
        ("1.2.3.4.5", [1, 2, 3, 4], "5", ("5", ""), ""),
        ("3fa85f6", [3, 0, 0, 0], "fa85f6", ("fa85f6", ""), ""),
        ("abc1234", [0; 4], "abc1234", ("abc1234", ""), ""),
        (
            "main-20240131-1",
            [0; 4],
            "main-20240131-1",
            ("main", "20240131-1"),
            "",
        ),
        ("1.0-", [1, 0, 0, 0], "", ("", ""), ""),
        ("-", [0; 4], "", ("", ""), ""),
        (".", [0; 4], "", ("", ""), ""),
    ];
    for (text, numbers, release, parts, metadata) in rows {
        for format in BOTH {
            let found = version(format, text);
            assert_eq!(found.text(), *text);
            assert_eq!(found.numbers(), *numbers, "{text}");
            assert_eq!(found.release(), *release, "{text}");
            assert_eq!(found.release_parts(), *parts, "{text}");
            assert_eq!(found.metadata(), *metadata, "{text}");
        }
    }
}

#[test]
fn white_space() {
    let found = version(VersionFormat::Octopus, "  v 1 . 2 .3-beta.1+m  ");
    assert_eq!(found.text(), "v1.2.3-beta.1+m");
    assert_eq!((found.numbers(), found.release()), ([1, 2, 3, 0], "beta.1"));
    assert_eq!(found.prerelease_subject(), "beta.1+m");
    assert_eq!(found, version(VersionFormat::Octopus, "1.2.3-beta.1"));
    assert_eq!(
        version(VersionFormat::Octopus, "1 alpha").release(),
        "alpha"
    );
    let with_tab = version(VersionFormat::Octopus, "\t1.2 .\t3-a ");
    assert_eq!(
        (with_tab.numbers(), with_tab.release()),
        ([1, 2, 3, 0], "a")
    );
}

#[test]
fn what_is_none() {
    for format in BOTH {
        check_refused(format, rows(NONE_DOCKER));
        check_refused(format, ["", " ", "a\nb"]);
    }
    let error = Version::parse(VersionFormat::Docker, "1.1.9999999999").unwrap_err();
    assert_eq!(
        (error.offset, error.fault),
        (4, VersionFault::NumberTooLarge)
    );
    let error = Version::parse(VersionFormat::Docker, "release/1").unwrap_err();
    assert_eq!(
        (error.offset, error.fault),
        (7, VersionFault::UnexpectedCharacter('/'))
    );
}

#[test]
fn order() {
    for format in BOTH {
        check_order(format, &relations(ORDER_DOCKER));
    }
}

#[test]
fn prereleases() {
    let rows = [
        ("latest", false),
        ("1.0.0", false),
        ("1.0.0-latest", true),
        ("1.2.3-alpine", true),
        ("abc1234", true),
        ("20240131.1", false),
        ("Latest", true),
    ];
    for (text, expected) in rows {
        assert_eq!(
            version(VersionFormat::Docker, text).is_prerelease(),
            expected,
            "{text}"
        );
    }
    assert!(version(VersionFormat::Octopus, "latest").is_prerelease());
}

#[test]
fn subjects_of_the_prerelease_tag() {
    let rows = [
        ("1.2.3-alpine", "alpine"),
        ("latest", "latest"),
        ("1.0.0", ""),
        ("1.0.0+m", "+m"),
        ("1.0.0+", ""),
        ("1.0.0-beta.2+m", "beta.2+m"),
        ("1.0.0-beta.2+", "beta.2"),
    ];
    for (text, expected) in rows {
        assert_eq!(
            version(VersionFormat::Docker, text).prerelease_subject(),
            expected,
            "{text}"
        );
    }
}
