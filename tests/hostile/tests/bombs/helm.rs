//! Bombs of a Helm repository. Its index is never in memory; the limit here is 4 MiB.

use crate::bomb::{Bomb, Kind, MANY, bomb};

pub(crate) const INDEX: &str =
    "apiVersion: v1\nentries:\n  app:\n  - name: app\n    version: 1.0.0\n";

/// An entry that Helm ignores, with many bytes for little work.
pub(crate) fn entry() -> String {
    format!("  - version: x\n    d: {}\n", "x".repeat(1_000))
}

/// The limit on memory for the versions of a chart.
const CHART_BYTES: u64 = 32 << 20;

/// An entry with an inlined icon of 300 KB.
fn icon() -> String {
    format!(
        "  - version: x\n    icon: \"{}\"\n",
        "iVBORw0KGgo".repeat(28_000)
    )
}

pub(crate) fn table() -> Vec<Bomb> {
    [yaml(), nested(), json(), versions()]
        .into_iter()
        .flatten()
        .collect()
}

fn yaml() -> Vec<Bomb> {
    let kind = Kind::Helm;
    let laughs = "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\n";
    let in_chart = "    x: &a [1]\n    y: [*a, *a, *a]\n";
    let text = format!("{INDEX}    x: \"");
    let plain = format!("{INDEX}    x: ");
    let block = format!("{INDEX}    x: |\n");
    let comment = format!("    # {}\n", "x".repeat(200));
    let (alias, long) = (
        "anchors or aliases",
        "white space of more than 262144 characters",
    );
    vec![
        bomb("aliases", kind, ("", laughs, 100_000, ""), alias),
        bomb(
            "aliases in the chart",
            kind,
            (INDEX, in_chart, 100_000, ""),
            alias,
        ),
        bomb(
            "an index without end",
            kind,
            (INDEX, &entry(), MANY, ""),
            "larger than",
        ),
        bomb(
            "comments without end",
            kind,
            (INDEX, &comment, MANY << 8, ""),
            long,
        ),
        bomb(
            "a line without end",
            kind,
            (INDEX, "x", MANY << 14, ""),
            "larger than",
        ),
        bomb(
            "a text without end",
            kind,
            (&text, "x", MANY << 14, ""),
            "larger than",
        ),
        bomb(
            "words without end",
            kind,
            (&text, "x y ", MANY << 12, ""),
            "larger than",
        ),
        bomb(
            "plain text without end",
            kind,
            (&plain, "a,b ", MANY << 12, ""),
            long,
        ),
        bomb(
            "a block without end",
            kind,
            (&block, "      x: y\n", MANY << 10, ""),
            "larger than",
        ),
        bomb(
            "icons without end",
            kind,
            (INDEX, &icon(), MANY >> 4, ""),
            "larger than",
        ),
        bomb(
            "documents",
            kind,
            ("", "---\na: b\n", 1 << 22, ""),
            "is not the index",
        ),
    ]
}

fn nested() -> Vec<Bomb> {
    let kind = Kind::Helm;
    let at = format!("{INDEX}    x: ");
    let below = format!("{INDEX}    x:\n      ");
    let deep = "nested more than 64 deep";
    vec![
        bomb(
            "lists in lists",
            kind,
            (&at, "[", 1 << 24, ""),
            "recursion limit exceeded",
        ),
        bomb("maps in maps", kind, (&at, "{a: ", 1 << 22, ""), deep),
        bomb("dashes in dashes", kind, (&below, "- ", 1 << 24, ""), deep),
    ]
}

fn json() -> Vec<Bomb> {
    let kind = Kind::Helm;
    let deep = "nested more than 128 deep";
    let long = "a JSON text of more than 1048576 bytes";
    vec![
        bomb(
            "JSON in JSON",
            kind,
            ("{\"entries\":", "{\"a\":", 1 << 22, ""),
            deep,
        ),
        bomb("lists of JSON", kind, ("{\"x\":", "[", 1 << 24, ""), deep),
        bomb(
            "a text of JSON",
            kind,
            ("{\"x\":\"\\n", "a b", 1 << 24, "\"}"),
            long,
        ),
    ]
}

/// Versions that the chart has, as many as the index has room for.
fn versions() -> Vec<Bomb> {
    let kind = Kind::Helm;
    let too_many = "more versions of a chart than";
    let yaml: String = (0..170_000)
        .map(|number| format!("  - version: 1.0.{number}\n"))
        .collect();
    let json: String = (0..170_000)
        .map(|number| format!("{{\"version\":\"1.0.{number}\"}},"))
        .collect();
    let start = "{\"apiVersion\":\"v1\",\"entries\":{\"app\":[";
    vec![
        bomb(
            "versions without end",
            kind,
            (INDEX, &yaml, 1, ""),
            too_many,
        )
        .keeping(1, CHART_BYTES),
        bomb(
            "the same in JSON",
            kind,
            (start, &json, 1, "null]}}"),
            too_many,
        )
        .keeping(1, CHART_BYTES),
    ]
}
