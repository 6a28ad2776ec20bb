//! Version rules: their verdicts and the reasons that people read.

use domain::rule::{RuleField, RuleStrategy, RuleVerdict, VersionRule};
use domain::version::VersionFormat;

use crate::tables::{Condition, REGEXES_DOCKER, TAGS, TAGS_DOCKER, conditions};
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

fn check_verdicts(formats: &[VersionFormat], table: &str, rule_with: impl Fn(&str) -> VersionRule) {
    for Condition {
        text,
        inside,
        outside,
    } in conditions(table)
    {
        for &format in formats {
            for version in inside.iter().chain(&outside) {
                let verdict = verdict(&rule_with(text), format, version);
                let expected = inside.contains(version);
                assert_eq!(verdict == "permitted", expected, "{text} on {version}");
            }
        }
    }
}

#[test]
fn prerelease_tags() {
    let both = [VersionFormat::Semver, VersionFormat::Docker];
    check_verdicts(&both, TAGS, |tag| rule("", tag, ""));
}

#[test]
fn prerelease_tags_on_images() {
    check_verdicts(&[VersionFormat::Docker], TAGS_DOCKER, |tag| {
        rule("", tag, "")
    });
}

#[test]
fn version_tag_regexes_see_the_text_as_published() {
    check_verdicts(&[VersionFormat::Docker], REGEXES_DOCKER, |regex| {
        rule("", "", regex)
    });
}

#[test]
fn the_strategy_refuses_nothing_and_permits_nothing() {
    let by_version = rule("[1.0,2.0)", "^$", "^v");
    let by_date = VersionRule {
        strategy: RuleStrategy::MostRecentlyPublished,
        ..by_version.clone()
    };
    for text in ["v1.5", "v2.0", "v1.5-rc.1", "1.5", "latest"] {
        assert_eq!(
            verdict(&by_version, VersionFormat::Docker, text),
            verdict(&by_date, VersionFormat::Docker, text)
        );
    }
}

#[test]
fn a_rule_reads_as_its_conditions() {
    for (rule, expected) in [
        (
            rule("[1.0,2.0)", "^$", "^v"),
            "version range [1.0,2.0), pre-release tag ^$, version tag regex ^v",
        ),
        (rule(" ", "", "^v"), "version tag regex ^v"),
        (VersionRule::default(), ""),
    ] {
        assert_eq!(rule.to_string(), expected);
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
    assert_eq!(
        default.verdict(&version(VersionFormat::Semver, "1.0")),
        RuleVerdict::Permitted
    );
}

#[test]
fn first_condition_that_refuses_is_the_reason() {
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
        r"not decided: the pattern ^(a|a|aa)*\1$ takes too long on this version; simplify it"
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
        "the pre-release tag \"a(b\" is not usable: it is not a regular expression: a ( is never \
         closed (byte 1); correct it in the channel's version rules"
    );
}
