use std::collections::BTreeSet;
use std::io::Cursor;

use super::super::bytes::FirstError;
use super::super::error::IndexError;
use super::super::yaml;
use super::MAX_KEPT;

/// The versions of the chart `app`, read from this text.
fn read(text: &str) -> Result<Vec<String>, String> {
    let first_error = FirstError::default();
    let watched = BTreeSet::from(["app".to_owned()]);
    let parsed = yaml::index(
        Cursor::new(text.as_bytes().to_vec()),
        watched.into(),
        &first_error,
    );
    let parsed: Result<_, IndexError> = first_error.take().map_or(parsed, Err);
    let index = parsed.map_err(|error| error.to_string())?;
    let versions = index.charts.values().flat_map(|chart| &chart.versions);
    Ok(versions.map(|one| format!("{one:?}")).collect())
}

/// An index with this value at unread keys in every part of the index.
fn index(value: &str) -> String {
    format!(
        "apiVersion: v1\nlong: {value}\nentries:\n  app:\n  - annotations:\n      long: {value}\n    version: 1.0.0\n  \
         - version: 2.0.0\n    long: {value}\n    digest: abc\n  - long: {value}\n    version: 3.0.0\n  other:\n  \
         - long: {value}\n    version: 4.0.0\nlast: {value}\n"
    )
}

#[track_caller]
fn check(name: &str, value: &str) {
    let expected = read(&index("short")).unwrap();
    assert_eq!(expected.len(), 3);
    assert_eq!(read(&index(value)), Ok(expected), "{name}");
}

/// Texts with every character that has a meaning somewhere.
const TEXTS: [&str; 6] = [
    "word and another word. ",
    "a: b # c, [d] {e} - f | g > h & i * j ! k % l @ m ` n ? ",
    "<svg d='M1.5,2-3'/> ",
    "version: 9.9.9 ",
    "--- ... ",
    "xyz",
];

#[test]
fn quoted_values_of_any_length_are_skipped() {
    for text in TEXTS {
        for length in [MAX_KEPT - 100, MAX_KEPT, 300_000] {
            let long = text.repeat(length / text.len());
            for shift in 0..12 {
                let shifted = format!("{}{long}", "-".repeat(shift));
                let double = shifted.replace('\\', "\\\\").replace('"', "\\\"");
                check("double", &format!("\"{double}\""));
                check("single", &format!("'{}'", shifted.replace('\'', "''")));
                if length > MAX_KEPT && shift > 1 {
                    break;
                }
            }
        }
    }
}

#[test]
fn escapes_at_the_end_of_the_kept_part_stay_whole() {
    for escape in [
        "\\\"",
        "\\\\",
        "\\x41",
        "\\u00e4",
        "\\U0001F600",
        "\\\n        ",
        "é\\n",
    ] {
        for shift in 0..12 {
            let text = escape.repeat(300_000 / escape.len());
            check(escape, &format!("\"{}{text}\"", "-".repeat(shift)));
        }
    }
    for shift in 0..4 {
        check(
            "quotes",
            &format!("'{}{}'", "-".repeat(shift), "''".repeat(150_000)),
        );
    }
}

#[test]
fn block_values_of_any_length_are_skipped() {
    for style in ["|", ">-", "|+", "> # a comment"] {
        for line in TEXTS
            .iter()
            .copied()
            .chain(["", "  deeper: [", "\t# tab", "é"])
        {
            for end in ["\n", "\r\n"] {
                let line = format!("          {line}{end}");
                let lines = line.repeat(1 + 300_000 / line.len());
                check(style, &format!("{style}\n          first\n{lines}"));
            }
        }
    }
}

#[test]
fn block_with_an_indent_in_its_header_is_kept() {
    let line = "         deeper\n        less\n";
    let lines = line.repeat(30_000 / line.len());
    check("indent", &format!("|2\n{lines}"));
}

#[test]
fn plain_values_lose_what_has_no_meaning() {
    let words = "word and another word; ".repeat(100_000);
    check("one line", &words);
    let lines = format!("          {}\n", "some words ".repeat(50)).repeat(1_500);
    check("lines", &format!("first\n{lines}"));
    check("tagged", &format!("!!str \"{words}\""));
    check(
        "with an anchor",
        &format!("&x '{}'", words.replace(" a", "")).replace("&x", "!x"),
    );
}

#[test]
fn comments_of_any_length_are_skipped() {
    check(
        "comment",
        &format!("short # {}", "a \"b\": ".repeat(100_000)),
    );
}

#[test]
fn flow_style_is_skipped() {
    let text = "a, [b]: {c} ".repeat(60_000);
    check(
        "flow",
        &format!("{{\"a\":\"{text}\", b: ['{text}', \"{text}\"]}}"),
    );
}

#[test]
fn text_that_ends_in_a_long_value_is_cut() {
    let words = "word ".repeat(100_000);
    for value in [format!("\"{words}"), format!("'{words}")] {
        let text =
            format!("apiVersion: v1\nentries:\n  app:\n  - version: 1.0.0\n    long: {value}");
        assert_eq!(read(&text), Err("the index ends in the middle".to_owned()));
    }
}

#[test]
fn version_that_is_too_long_is_an_error() {
    let text = format!(
        "apiVersion: v1\nentries:\n  app:\n  - version: \"{}\"\n",
        "1".repeat(MAX_KEPT + 1)
    );
    let error = read(&text).unwrap_err();
    assert!(
        error.contains("a name or a version of more than 16384 characters"),
        "{error}"
    );
}

#[test]
fn errors_have_the_lines_of_the_index() {
    let lines = "        some: words\n".repeat(20_000);
    let text = format!(
        "apiVersion: v1\nlong: |\n{lines}entries: ]\n{}",
        "x: y\n".repeat(100)
    );
    let error = read(&text).unwrap_err();
    assert!(error.contains("line 20003"), "{error}");
}
