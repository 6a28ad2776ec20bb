//! `feedctl versions match`.

use crate::tables::{
    DOTNET_PATTERNS, NO_PATTERNS, NO_RANGES_MAVEN, NO_RANGES_NUGET, RANGES_DOCKER, RANGES_MAVEN,
    RANGES_SEMVER, REGEXES_DOCKER, TAGS, TAGS_DOCKER, conditions, faults, named_faults,
};
use crate::{feed, versions};

/// Compares the versions that an option permits with a table, with and without reasons.
fn check(kind: &str, option: &str, table: &str) {
    for row in conditions(table) {
        let given = [&row.inside[..], &row.outside].concat();
        let arguments = ["match", "--feed-type", kind, option, row.text];
        let ran = versions(&arguments, &given);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{}", row.text);
        let mut permitted = ran.lines();
        let sorted = versions(&["sort", "--feed-type", kind], &permitted);
        assert_eq!(permitted, sorted.lines(), "newest first");
        permitted.sort_unstable();
        let mut inside = row.inside.clone();
        inside.sort_unstable();
        assert_eq!(permitted, inside, "{kind} {option} {}", row.text);

        let explained = versions(&[&arguments[..], &["--explain"]].concat(), &given);
        assert_eq!((explained.code, explained.lines().len()), (0, given.len()));
        for line in explained.lines() {
            let (version, verdict) = line.split_once('\t').unwrap();
            let is_permitted = row.inside.contains(&version);
            assert_eq!(verdict == "permitted", is_permitted, "{line}");
            assert!(is_permitted || verdict.ends_with(row.text), "{line}");
        }
    }
}

#[test]
fn match_applies_version_ranges() {
    check("NuGet", "--version-range", RANGES_SEMVER);
    check("Docker", "--version-range", RANGES_DOCKER);
    check("Maven", "--version-range", RANGES_MAVEN);
}

#[test]
fn match_applies_pre_release_tags() {
    check("NuGet", "--pre-release-tag", TAGS);
    check("Docker", "--pre-release-tag", TAGS);
    check("Docker", "--pre-release-tag", TAGS_DOCKER);
}

#[test]
fn match_applies_version_tag_regexes() {
    check("Docker", "--version-tag-regex", REGEXES_DOCKER);
}

/// An invalid option: exit code 2, no output, and the position of the mistake.
fn check_invalid(kind: &str, option: &str, text: &str, offset: usize) -> String {
    // `=`, because some begin with a dash.
    let option = format!("{option}={text}");
    let ran = feed(&["match", "--feed-type", kind, &option], "1.0.0\n");
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{option}");
    assert!(ran.stderr.starts_with("error: the "), "{}", ran.stderr);
    let shown = format!("{text:?}");
    assert!(ran.stderr.contains(&shown), "{}", ran.stderr);
    let place = format!("(byte {offset})");
    assert!(ran.stderr.contains(&place), "{place}: {}", ran.stderr);
    ran.stderr
}

#[test]
fn invalid_range_is_reported_with_its_position() {
    for (kind, table) in [
        ("NuGet", NO_RANGES_NUGET),
        ("Docker", NO_RANGES_NUGET),
        ("Maven", NO_RANGES_MAVEN),
    ] {
        for (offset, fault, text) in named_faults(table) {
            // For images, `*` is not a character of a version; the position is the same.
            let message = check_invalid(kind, "--version-range", text, offset);
            let is_floating = message.contains("floating versions cannot be evaluated locally");
            assert_eq!(is_floating, fault == "Floating", "{message}");
        }
    }
}

#[test]
fn invalid_pattern_is_reported_with_its_position() {
    for option in ["--pre-release-tag", "--version-tag-regex"] {
        for (offset, pattern) in faults(NO_PATTERNS) {
            let message = check_invalid("Docker", option, pattern, offset);
            assert!(message.contains("not a regular expression"), "{message}");
        }
        for (offset, pattern) in faults(DOTNET_PATTERNS) {
            let message = check_invalid("Docker", option, pattern, offset);
            assert!(message.contains("cannot be evaluated locally"), "{message}");
        }
    }
}

#[test]
fn match_combines_conditions_and_json_contains_verdicts() {
    let rule = [
        "match",
        "--feed-type=Docker",
        "--version-range=[1.0,2.0)",
        "--pre-release-tag=^$",
        "--version-tag-regex=^v",
        "--output-format=json",
    ];
    let given = ["1.5", "v2.0", "v1.5", "a/b", "v1.5-rc.1", "v1.6"];
    let permitted = versions(&rule, &given);
    let verdict = |version: &str, refused: Option<[&str; 4]>| {
        let refusal = refused.map(|[code, name, value, message]| {
            serde_json::json!({"Code": code, "Values": {name: value}, "Message": message})
        });
        serde_json::json!({"Version": version, "Permitted": refused.is_none(), "Refused": refusal})
    };
    assert_eq!(
        permitted.json(),
        serde_json::json!([verdict("v1.6", None), verdict("v1.5", None)])
    );
    assert!(
        permitted.stderr.starts_with("a/b: "),
        "{}",
        permitted.stderr
    );

    let explained = versions(&[&rule[..], &["--explain"]].concat(), &given);
    assert_eq!(explained.stderr, "", "every verdict is in the answer");
    let verdicts = explained.json();
    let verdicts = verdicts.as_array().unwrap();
    assert_eq!(
        verdicts[..5],
        [
            verdict(
                "v2.0",
                Some([
                    "VersionRange",
                    "Range",
                    "[1.0,2.0)",
                    "refused by version range [1.0,2.0)"
                ])
            ),
            verdict("v1.6", None),
            verdict(
                "1.5",
                Some([
                    "VersionTagRegex",
                    "Pattern",
                    "^v",
                    "refused by version tag regex ^v"
                ])
            ),
            verdict("v1.5", None),
            verdict(
                "v1.5-rc.1",
                Some([
                    "PreReleaseTag",
                    "Pattern",
                    "^$",
                    "refused by pre-release tag ^$"
                ])
            ),
        ]
    );
    assert_eq!(
        (&verdicts[5]["Version"], verdicts.len()),
        (&"a/b".into(), 6)
    );
}

#[test]
fn match_without_conditions_permits_everything() {
    let rule = ["match", "--feed-type=NuGet", "--pre-release-tag="];
    assert_eq!(
        versions(&rule, &["1.0", "2.0-a", "2.0"]).lines(),
        ["2.0", "2.0-a", "1.0"]
    );
}

/// A pattern without a verdict does not refuse the version: the version is reported, and the command fails.
#[test]
fn match_with_a_slow_pattern_fails() {
    let slow = format!("2.0.0-{}", "a".repeat(60));
    let rule = [
        "match",
        "--feed-type=Docker",
        r"--pre-release-tag=^(?:$|(a*)*\1b)",
    ];
    let ran = versions(&rule, &["1.0.0", &slow]);
    assert_eq!((ran.code, ran.lines()), (1, vec!["1.0.0"]));
    let start = format!("{slow}: not decided: ");
    assert!(ran.stderr.starts_with(&start), "{}", ran.stderr);
}
