//! Versions, ranges, rules and masks: the tables of Octopus's behaviour, row by row, and properties of every text.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "in a test a panic is the report"
)]

mod lexicographic;
mod masks;
mod maven;
mod octopus;
mod patterns;
mod properties;
mod ranges;
mod rules;
mod semver;
mod tables;

use std::cmp::Ordering;

use domain::range::VersionRange;
use domain::version::{Version, VersionFormat};

use tables::Condition;

fn version(format: VersionFormat, text: &str) -> Version {
    Version::parse(format, text).unwrap_or_else(|error| panic!("{error}"))
}

/// Checks rows of `a relation b` against the order, in both directions.
fn check_order(format: VersionFormat, rows: &[(&str, char, &str)]) {
    for (a, relation, b) in rows {
        let expected = match relation {
            '<' => Ordering::Less,
            '=' => Ordering::Equal,
            '>' => Ordering::Greater,
            _ => panic!("{relation} is no relation"),
        };
        let (one, other) = (version(format, a), version(format, b));
        assert_eq!(one.cmp(&other), expected, "{format}: {a} {relation} {b}");
        assert_eq!(
            other.cmp(&one),
            expected.reverse(),
            "{format}: {b} against {a}"
        );
        assert_eq!(
            one == other,
            expected.is_eq(),
            "{format}: equality of {a} and {b}"
        );
    }
}

/// Checks a rising chain against the order, each with each.
fn check_chain(format: VersionFormat, chain: &[&str]) {
    for (place, lower) in chain.iter().enumerate() {
        for higher in &chain[place + 1..] {
            check_order(format, &[(lower, '<', higher)]);
        }
    }
}

fn check_refused<'t>(format: VersionFormat, texts: impl IntoIterator<Item = &'t str>) {
    for text in texts {
        assert!(
            Version::parse(format, text).is_err(),
            "{text:?} must be no {format} version"
        );
    }
}

/// Checks parsed ranges with versions inside and outside.
fn check_ranges(format: VersionFormat, rows: &[Condition<'_>]) {
    for row in rows {
        let text = row.text;
        let range = VersionRange::parse(format, text).unwrap_or_else(|e| panic!("{text}: {e}"));
        for candidate in row.inside.iter().chain(&row.outside) {
            let expected = row.inside.contains(candidate);
            let is_inside = range.contains(&version(format, candidate));
            assert_eq!(is_inside, expected, "{candidate} in {text}");
        }
    }
}
