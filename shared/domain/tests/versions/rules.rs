//! Version rules: their verdicts and the reasons that people read.

use domain::rule::{RuleField, RuleStrategy, Verdict, VersionRule};
use domain::version::VersionFormat;

use crate::version;

fn rule(range: &str, tag: &str, regex: &str) -> VersionRule {
    let text = |text: &str| Some(text.to_owned());
    VersionRule {
        range: text(range),
        pre_release_tag: text(tag),
        version_tag_regex: text(regex),
        strategy: RuleStrategy::SemVer,
    }
}

fn verdict(rule: &VersionRule, format: VersionFormat, text: &str) -> String {
    rule.compile(format)
        .unwrap()
        .verdict(&version(format, text))
        .to_string()
}

#[test]
fn prerelease_tags() {
    let subjects = [
        "1.0.0",
        "1.0.0+m",
        "1.0.0-beta",
        "1.0.0-beta.2",
        "1.0.0-bugfix-7",
        "1.0.0-alphabeta",
    ];
    let rows = [
        ("^$", [true, false, false, false, false, false]),
        (r"^(|\+.*)$", [true, true, false, false, false, false]),
        (r"^[^\+].*", [false, false, true, true, true, true]),
        ("^beta", [false, false, true, true, false, false]),
        ("beta", [false, false, true, true, false, true]),
        ("^(?!beta).+", [false, true, false, false, true, true]),
        ("^bugfix-", [false, false, false, false, true, false]),
        (r"^(?!latest\b).+$|^$", [true; 6]),
    ];
    for (tag, expected) in rows {
        for format in [VersionFormat::Semver, VersionFormat::Docker] {
            let compiled = rule("", tag, "").compile(format).unwrap();
            for (text, expected) in subjects.into_iter().zip(expected) {
                let verdict = compiled.verdict(&version(format, text));
                assert_eq!(verdict.is_permitted(), expected, "{tag} on {text}");
            }
        }
    }
}

#[test]
fn prerelease_tags_on_images() {
    let rows = [
        ("^$", "1.2.3", true),
        ("^$", "1.2.3-alpine", false),
        ("^$", "latest", false),
        ("^alpine", "1.2.3-alpine", true),
        (r"^(?!latest\b).+$|^$", "latest", false),
        (r"^(?!latest\b).+$|^$", "1.2.3-alpine", true),
    ];
    for (tag, text, expected) in rows {
        let verdict = verdict(&rule("", tag, ""), VersionFormat::Docker, text);
        assert_eq!(verdict == "permitted", expected, "{tag} on {text}");
    }
}

#[test]
fn version_tag_regexes_see_the_text_as_published() {
    let rows = [
        (r"^\d{8}\.\d+$", "20240131.1", true),
        (r"^\d{8}\.\d+$", "v20240131.1", false),
        ("^main-", "main-20240131-1", true),
        ("^main-", "1.0.0-main-1", false),
        ("^v", "v1.0", true),
    ];
    for (regex, text, expected) in rows {
        let verdict = verdict(&rule("", "", regex), VersionFormat::Docker, text);
        assert_eq!(verdict == "permitted", expected, "{regex} on {text}");
    }
}

#[test]
fn no_condition_permits_everything() {
    for rule in [VersionRule::default(), rule("", "", ""), rule(" ", "", "")] {
        for text in ["1.0", "latest", "0.0.0-a+m"] {
            assert_eq!(verdict(&rule, VersionFormat::Docker, text), "permitted");
        }
    }
    let default = VersionRule::default()
        .compile(VersionFormat::Semver)
        .unwrap();
    assert_eq!(default.strategy(), RuleStrategy::SemVer);
    assert_eq!(
        default.verdict(&version(VersionFormat::Semver, "1.0")),
        Verdict::Permitted
    );
}

#[test]
fn all_conditions_hold_or_the_first_that_does_not_is_the_reason() {
    let rule = rule("[1.0,2.0)", "^$", "^v");
    let rows = [
        ("v1.5", "permitted"),
        ("v2.0", "refused by version range [1.0,2.0)"),
        ("v1.5-rc.1", "refused by pre-release tag ^$"),
        ("1.5", "refused by version tag regex ^v"),
        ("2.0-rc.1", "refused by pre-release tag ^$"),
        ("3.0-rc.1", "refused by version range [1.0,2.0)"),
    ];
    for (text, expected) in rows {
        assert_eq!(
            verdict(&rule, VersionFormat::Docker, text),
            expected,
            "{text}"
        );
    }
}

#[test]
fn a_pattern_that_takes_too_long_decides_nothing() {
    let text = format!("{}-x", "a".repeat(60));
    assert_eq!(
        verdict(
            &rule("", "", r"^(a|a|aa)*\1$"),
            VersionFormat::Docker,
            &text
        ),
        r"not decided: the pattern ^(a|a|aa)*\1$ takes too long on this version; make it simpler"
    );
}

#[test]
fn errors_name_the_field_the_text_and_the_place() {
    let rows = [
        (
            rule("[2.0,1.0]", "", ""),
            RuleField::Range,
            "[2.0,1.0]",
            5,
            false,
        ),
        (rule("1.*", "", ""), RuleField::Range, "1.*", 2, true),
        (
            rule("", "a(b", ""),
            RuleField::PreReleaseTag,
            "a(b",
            1,
            false,
        ),
        (
            rule("", "", r"a\Z"),
            RuleField::VersionTagRegex,
            r"a\Z",
            1,
            true,
        ),
    ];
    for (rule, field, text, offset, is_not_evaluable) in rows {
        let error = rule.compile(VersionFormat::Semver).map(drop).unwrap_err();
        assert_eq!(
            (error.field, error.text.as_str(), error.offset()),
            (field, text, offset)
        );
        assert_eq!(error.is_not_evaluable(), is_not_evaluable);
    }
    let error = rule("", "a(b", "")
        .compile(VersionFormat::Semver)
        .map(drop)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the pre-release tag \"a(b\" cannot be used: it is not a regular expression: a ( is never \
         closed (byte 1); correct it in the channel's version rules"
    );
}
