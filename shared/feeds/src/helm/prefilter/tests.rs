//! The parser reads the same with the prefilter as without.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{Cursor, Read as _};

use proptest::prelude::*;

use super::super::bytes::FirstError;
use super::super::chart::Index;
use super::super::error::IndexError;
use super::super::lines::Lines;
use super::super::yaml;
use super::Prefilter;

fn watched() -> BTreeSet<String> {
    ["app", "web-1.x"].map(str::to_owned).into()
}

fn prefilter(text: &str, block_bytes: u64) -> Prefilter<Cursor<Vec<u8>>> {
    let mut prefilter = Prefilter::new(
        Cursor::new(text.as_bytes().to_vec()),
        watched(),
        Lines::default(),
    );
    prefilter.block_bytes = block_bytes;
    prefilter
}

fn filtered(text: &str) -> String {
    let mut out = String::new();
    prefilter(text, 64 << 10).read_to_string(&mut out).unwrap();
    out
}

fn without(text: &str) -> Result<Index, IndexError> {
    let first_error = FirstError::default();
    let index = yaml::index(
        Cursor::new(text.as_bytes().to_vec()),
        watched().into(),
        &first_error,
    );
    first_error.take().map_or(index, Err)
}

fn with(text: &str, block_bytes: u64) -> Result<Index, IndexError> {
    let first_error = FirstError::default();
    let index = yaml::index(prefilter(text, block_bytes), watched().into(), &first_error);
    first_error.take().map_or(index, Err)
}

/// The invariant. Invalid indexes may differ: errors in skipped charts are not detected.
fn check(text: &str, block_bytes: u64) -> bool {
    let Ok(expected) = without(text) else {
        let _ = with(text, block_bytes);
        return false;
    };
    match with(text, block_bytes) {
        Ok(found) => assert_eq!(
            found,
            expected,
            "{text}\n---- filtered:\n{}",
            filtered(text)
        ),
        Err(error) => panic!("{error:?}\n{text}\n---- filtered:\n{}", filtered(text)),
    }
    true
}

/// As Helm writes it.
fn by_helm(charts: &[&str], versions: usize) -> String {
    let mut text = String::from("apiVersion: v1\nentries:\n");
    for chart in charts {
        let _ = writeln!(text, "  {chart}:");
        for version in 0..versions {
            let _ = write!(
                text,
                "  - annotations:\n      notes: |-\n        entries:\n          app:\n          - version: 9\n\n    \
                 created: \"2026-01-01T00:00:00Z\"\n    description: 'It''s\n      {chart}: yes'\n    \
                 name: {chart}\n    urls:\n    - https://charts.test/{chart}-1.{version}.0.tgz\n    \
                 version: 1.{version}.0\n"
            );
        }
    }
    text.push_str("generated: \"2026-01-01T00:00:00Z\"\nserverInfo: {}\n");
    text
}

#[test]
fn skipped_chart_keeps_its_last_version_at_most() {
    let text = by_helm(&["acme", "app", "db", "\"quoted\"", "zoo"], 40);
    assert!(check(&text, 64 << 10));
    let expected = by_helm(&["app"], 40).len() + by_helm(&["zoo"], 1).len();
    assert!(filtered(&text).len() < expected, "{}", filtered(&text));
    assert_eq!(without(&text).unwrap().charts["app"].versions.len(), 40);
}

#[test]
fn text_that_ends_in_skipped_chart_is_an_error() {
    let text = by_helm(&["app", "zoo"], 3);
    let end = text.find("generated").unwrap();
    for cut in text.find("zoo").unwrap()..end {
        let text = &text[..cut];
        let (without, with) = (without(text), with(text, 64));
        assert_eq!(with.is_ok(), without.is_ok(), "{text}");
        assert_eq!(
            matches!(with, Err(IndexError::Cut)),
            matches!(without, Err(IndexError::Cut)),
            "{text}"
        );
    }
}

/// Texts with lines that only look like a chart, a version or `entries:`.
#[test]
fn lookalike_lines_are_not_structure() {
    let cases = [
        "entries:\n  zoo:\n  - \"a\n  app:\n  - version: 9\n  \"\n  app:\n  - version: 1\n",
        "entries:\n  zoo:\n    \"a\n  app:\n  - version: 9\n  \"\n  app:\n  - version: 1\n",
        "entries:\n  zoo:\n  -\n   \"a\n  app:\n  - version: 9\n  \"\n  app:\n  - version: 1\n",
        "entries:\n  app:\n  - \"a\n  zoo:\n  - x: 9\n  \"\n",
        "entries:\n  zoo:\n  - {a: [1,\n   2]}\n  app:\n  - {version: 1}\n",
        "entries:\n  zoo: [a,\n  b, {app: [\n   {version: 9}]}]\n  app: [{version: 1}]\n",
        "x: \"\nentries:\n  zoo:\n  - a: 1\n\"\nentries:\n  app:\n  - version: 1\n",
        "x:\n  \"\nentries:\n  zoo:\n  - a: 1\n\"\nentries:\n  app:\n  - version: 1\n",
        "x: 'a\n\nentries:\n  zoo:\n  - a: 1\n'\nentries:\n  app:\n  - version: 1\n",
        "x: {\n entries: {\n  zoo: [1]}}\nentries:\n  app:\n  - version: 1\n",
        "x:\n- \"a\nentries:\n  zoo:\n  - b: c\n\"\nentries:\n  app:\n  - version: 1\n",
        "x: |\n  entries:\n    zoo:\n    - a: 1\nentries:\n  app:\n  - version: 1\n",
        "entries:\n  ? zoo\n  : - a: 1\n  app:\n  - version: 1\n",
        "entries:\n  zoo:\n  - a: 1\r  app:\r  - version: 1\n  tea:\n  - b: 1\n",
        "entries:\r\n  zoo:\r\n  - a: 1\r\n  app:\r\n  - version: 1\r\n",
        "entries:\n  zoo: !!seq\n  - a: 1\n  app:\n  - version: 1\n",
        "entries:\n  zoo:\n  - a: 1\n# comment\n  # app:\n  - b: 2\n\n  app: # comment\n  - version: 1\n",
        "entries:\n  zoo: []\n  tea:\n  app:\n  - version: 1\n  end: ~\n",
        "entries:\n   zoo:\n      - a: 1\n      - b: |\n          app:\n   app:\n      - version: 1\n",
        "entries:\n  \"zoo\":\n  - a: 1\n  'app':\n  - version: 1\n  äpp:\n  - version: 2\n",
        "---\nentries:\n  zoo:\n  - a: >\n\n      x\n     y\n  app:\n  - version: 1\n",
    ];
    for case in cases {
        for text in [
            format!("apiVersion: v1\n{case}"),
            format!("{case}apiVersion: v1\n"),
        ] {
            for block_bytes in [1, 7, 64 << 10] {
                check(&text, block_bytes);
            }
        }
    }
}

/// Values of a version, with `I` for the indent of its names.
const VALUES: [&str; 22] = [
    "version: 1.0.0\n",
    "version: \"1.1.0\"\n",
    "version: 'v2'\n",
    "digest: abc\n",
    "created: 2026-01-01T00:00:00Z\n",
    "removed: true\n",
    "a: |\n  I  app:\n\nI  - version: 9\n",
    "b: >-\nI  text\n\nI    entries:\nI  zoo:\n",
    "c: \"two\nI  app:\nI  - version: 9\n\nI  lines\"\n",
    "d: 'it''s\nI  # no comment\nI  version: 9'\n",
    "e: plain text\nI  that continues\n",
    "f:\nI- version: 9\nI- - nested\n",
    "g:\nI  h:\nI    app:\nI    - version: 9\n",
    "i: {version: 9, app: [1,\nI  2]}\n",
    "j: [a, \"b\nI  app: c\"]\n",
    "k: # comment\nI  l: m\n",
    "n:\n",
    "o: ~\n# comment\nI# comment\n",
    "\"p q\": r\n",
    "s: |2\nI   t\n",
    "u: \"日本\\u00e4\\\nI  x\"\n",
    "w: 1\n\n\n",
];

const NAMES: [&str; 8] = [
    "app",
    "zoo",
    "\"tea\"",
    "'web-1.x'",
    "äpp",
    "1.0",
    "null",
    "a_b/c",
];

/// Alternatives to a list of versions.
const LISTS: [&str; 6] = [" []", " ~", " # comment", " [{version: 3}]", " &a", " {}"];

fn index() -> impl Strategy<Value = String> {
    let version = prop::collection::vec(0..VALUES.len(), 0..5);
    let chart = (
        0..NAMES.len(),
        prop::option::weighted(0.1, 0..LISTS.len()),
        prop::collection::vec(version, 0..4),
        0..20_u8,
    );
    let charts = prop::collection::vec(chart, 0..6);
    (charts, 1..4_usize, 0..3_usize, any::<bool>(), any::<bool>()).prop_map(
        |(charts, indent, offset, is_crlf, is_late)| {
            let margin = " ".repeat(indent);
            let list = " ".repeat(indent + offset);
            let names = " ".repeat(indent + offset + 2);
            let mut text = String::from(if is_late {
                "entries:\n"
            } else {
                "apiVersion: v1\nentries:\n"
            });
            for (name, empty, versions, oddity) in charts {
                let rest = empty.map_or("", |empty| LISTS[empty]);
                let _ = writeln!(text, "{margin}{}:{rest}", NAMES[name]);
                for values in versions.iter().filter(|_| empty.is_none()) {
                    match oddity {
                        0 => text.push_str("# a comment\n\n"),
                        1 => text.push_str(&format!("{list}- ~\n")),
                        2 => text.push_str(&format!("{list}-\n")),
                        _ => {}
                    }
                    for (at, value) in values.iter().enumerate() {
                        let start = if at == 0 {
                            format!("{list}- ")
                        } else {
                            names.clone()
                        };
                        text.push_str(&start);
                        text.push_str(&VALUES[*value].replace('I', &names));
                    }
                }
            }
            if is_late {
                text.push_str("apiVersion: v1\n");
            }
            if is_crlf {
                text.replace('\n', "\r\n")
            } else {
                text
            }
        },
    )
}

/// Random changes to a text: removed, duplicated and re-indented lines, and inserted characters.
fn broken(text: &str, changes: &[(usize, usize)]) -> String {
    const SET_IN: [&str; 14] = [
        "\"",
        "'",
        "\n",
        "\r",
        " ",
        "  ",
        "\t",
        "[",
        "}",
        "#",
        "- ",
        ":",
        "\nentries:\n",
        "|\n",
    ];
    let mut text = text.to_owned();
    for (kind, place) in changes {
        let mut lines: Vec<_> = text.split_inclusive('\n').map(str::to_owned).collect();
        let at = place % lines.len().max(1);
        match (kind % 20, lines.get(at).cloned()) {
            (0, Some(_)) => drop(lines.remove(at)),
            (1, Some(line)) => lines.insert(at, line),
            (2, Some(line)) => lines[at] = format!(" {line}"),
            (3, Some(line)) => lines[at] = line.strip_prefix(' ').unwrap_or(&line).to_owned(),
            (4, Some(line)) => lines[at] = line.trim_start().to_owned(),
            (5, Some(line)) => lines.insert(place * 7 % lines.len(), line),
            (other, Some(mut line)) => {
                let ends: Vec<_> = line.char_indices().map(|(end, _)| end).collect();
                line.insert_str(ends[place * 31 % ends.len()], SET_IN[other - 6]);
                lines[at] = line;
            }
            (_, None) => {}
        }
        text = lines.concat();
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn prefiltered_index_is_parsed_the_same(text in index(), block_bytes in 1_u64..200) {
        check(&text, block_bytes);
    }

    #[test]
    fn prefiltered_broken_index_is_parsed_the_same_if_valid(
        text in index(),
        changes in prop::collection::vec((0_usize..1_000, 0_usize..1_000), 1..4),
        block_bytes in 1_u64..200,
    ) {
        check(&broken(&text, &changes), block_bytes);
    }
}
