//! Properties of every text: order is total, parsing is faithful, nothing panics. The cases are the
//! same in every run.

use std::cmp::Ordering;

use domain::mask::apply_mask;
use domain::pattern::Pattern;
use domain::range::VersionRange;
use domain::rule::VersionRule;
use domain::version::{Version, VersionFormat};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

fn check<S: Strategy>(strategy: S, property: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = Config {
        cases: 1000,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    TestRunner::new_with_rng(config, rng)
        .run(&strategy, property)
        .unwrap_or_else(|error| panic!("{error}"));
}

fn format() -> impl Strategy<Value = VersionFormat> {
    prop::sample::select(VersionFormat::ALL.to_vec())
}

/// Few pieces, so that near misses are common.
fn text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "0",
        "1",
        "2",
        "10",
        "007",
        "2147483648",
        "a",
        "b1",
        "A",
        "rc",
        "alpha",
        "final",
        "ga",
        "sp",
        "SNAPSHOT",
        "jre",
        "latest",
        ".",
        ".",
        ".",
        "-",
        "-",
        "_",
        "\\",
        "+",
        "v",
        " ",
        "--1",
    ]);
    prop::collection::vec(piece, 1..9).prop_map(|pieces| pieces.concat())
}

/// Versions that their own text represents. Without its blank `1 2`, a 1 and the pre-release 2, reads as
/// twelve; so it is with Octopus.
fn faithful_versions(count: usize) -> impl Strategy<Value = Vec<Version>> {
    versions(count).prop_map(|mut versions| {
        versions.retain(|version| {
            Version::parse(version.format(), version.text()).as_ref() == Ok(version)
        });
        versions
    })
}

fn versions(count: usize) -> impl Strategy<Value = Vec<Version>> {
    (format(), prop::collection::vec(text(), count * 3)).prop_map(|(format, texts)| {
        texts
            .iter()
            .filter_map(|text| Version::parse(format, text).ok())
            .collect()
    })
}

#[test]
fn order_is_total() {
    check(versions(6), |versions| {
        for a in &versions {
            prop_assert_eq!(a.cmp(a), Ordering::Equal);
            for b in &versions {
                prop_assert_eq!(a.cmp(b), b.cmp(a).reverse());
                prop_assert_eq!(a == b, a.cmp(b).is_eq());
                for c in &versions {
                    if a <= b && b <= c {
                        prop_assert!(a <= c, "{:?} {:?} {:?}", a, b, c);
                    }
                }
            }
        }
        Ok(())
    });
}

#[test]
fn text_is_kept_without_blanks() {
    check((format(), text()), |(format, text)| {
        if let Ok(version) = Version::parse(format, &text) {
            let without_spaces = text.replace(' ', "");
            let expected = if format == VersionFormat::Maven {
                text.trim()
            } else {
                &without_spaces
            };
            prop_assert_eq!(version.text(), expected);
            if format != VersionFormat::Maven {
                prop_assert!(version.prerelease_subject().starts_with(version.release()));
                prop_assert!(
                    version
                        .text()
                        .contains(version.prerelease_subject().as_ref())
                );
            }
        }
        Ok(())
    });
}

#[test]
fn exact_range_contains_equal_versions_alone() {
    check(faithful_versions(3), |versions| {
        for a in &versions {
            let Ok(range) = VersionRange::parse(a.format(), &format!("[{}]", a.text())) else {
                continue;
            };
            for b in &versions {
                prop_assert_eq!(range.contains(b), a == b, "{:?} {:?}", a, b);
            }
        }
        Ok(())
    });
}

#[test]
fn half_open_range_and_the_rest_contain_every_version_once() {
    check(faithful_versions(3), |versions| {
        for a in &versions {
            let parse = |text: String| VersionRange::parse(a.format(), &text);
            let below = parse(format!("(,{})", a.text()));
            let above = parse(format!("[{},)", a.text()));
            let (Ok(below), Ok(above)) = (below, above) else {
                continue;
            };
            for b in &versions {
                prop_assert!(below.contains(b) != above.contains(b), "{:?} {:?}", a, b);
            }
        }
        Ok(())
    });
}

#[test]
fn no_text_makes_anything_panic() {
    check(
        (format(), any::<String>(), any::<String>()),
        |(format, one, other)| {
            if let Ok(version) = Version::parse(format, &one) {
                version.numbers();
                version.release_parts();
                version.metadata();
                version.prerelease_subject();
            }
            let _ = VersionRange::parse(format, &one);
            let _ = Pattern::parse(&one).map(|pattern| pattern.is_match(&other));
            let _ = apply_mask(&one, Some(&other));
            let rule = VersionRule {
                range: Some(one),
                pre_release_tag: Some(other),
                ..VersionRule::default()
            };
            let _ = rule
                .compile(format)
                .map_err(|error| (error.offset(), error.to_string()));
            Ok(())
        },
    );
}

/// Patterns out of the pieces that mean something, on a subject that many of them match.
#[test]
fn no_pattern_makes_anything_panic() {
    let piece = prop::sample::select(vec![
        "(", ")", "(?:", "(?=", "(?!", "(?<n>", "(?<=", "(?i)", "[", "]", "^", "-", "a", "b",
        "\\d", "\\w", "\\1", "\\k<n>", "\\", "*", "+", "?", "{2}", "{", "}", "|", ".", "$", "\\b",
        "&&", "é",
    ]);
    let pattern = prop::collection::vec(piece, 1..12).prop_map(|pieces| pieces.concat());
    check((pattern, "[ab01.é-]{0,20}"), |(pattern, subject)| {
        match Pattern::parse(&pattern) {
            Ok(pattern) => drop(pattern.is_match(&subject)),
            Err(error) => prop_assert!(error.offset <= pattern.len(), "{}: {}", pattern, error),
        }
        Ok(())
    });
}
