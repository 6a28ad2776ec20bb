//! Bombs of a registry. The limit of a page is 8 MiB.

use crate::bomb::{Bomb, CHUNKED, Kind, MANY, bomb, bytes};

/// Memory for a tag, with the spare capacity of their list.
const TAG_BYTES: u64 = 56;
const TAGS: u64 = 250_000;

pub(crate) fn table() -> Vec<Bomb> {
    [endless(), sprawling(), deep(), tags()]
        .into_iter()
        .flatten()
        .collect()
}

fn endless() -> Vec<Bomb> {
    let kind = Kind::Registry;
    let chunk = format!("4000\r\n{}\r\n", " ".repeat(0x4000));
    let too_long = "longer than 8388608 bytes";
    let unreachable = "cannot be reached";
    let head = "HTTP/1.1 200 OK\r\n";
    let header = format!("A: {}\r\n", "b".repeat(200));
    let one_header = format!("{head}A: ");
    vec![
        bytes(
            "chunks without end",
            kind,
            (CHUNKED, &chunk, MANY, ""),
            too_long,
        ),
        bomb(
            "a body without end",
            kind,
            ("", " ", MANY << 14, ""),
            too_long,
        ),
        bytes(
            "headers without end",
            kind,
            (head, &header, MANY, ""),
            unreachable,
        ),
        bytes(
            "a header without end",
            kind,
            (&one_header, "b", MANY, ""),
            unreachable,
        ),
    ]
}

fn sprawling() -> Vec<Bomb> {
    let kind = Kind::Registry;
    let no_list = "not a list of tags";
    let long = "a text of more than 1048576 bytes";
    vec![
        bomb(
            "a number without end",
            kind,
            ("{\"tags\":", "9", 8_000_000, "}"),
            no_list,
        ),
        bomb(
            "a tag of eight mebibytes",
            kind,
            ("{\"tags\":[\"", "a", 8_000_000, "\"]}"),
            "0 versions",
        ),
        bomb(
            "the same with escapes",
            kind,
            ("{\"tags\":[\"\\n", "a", 8_000_000, "\"]}"),
            long,
        ),
        bomb(
            "escapes alone",
            kind,
            ("{\"tags\":[\"", "\\n", 4_000_000, "\"]}"),
            long,
        ),
        bomb(
            "a text beside",
            kind,
            ("{\"x\":\"\\n", "a", 8_000_000, "\"}"),
            long,
        ),
    ]
}

fn deep() -> Vec<Bomb> {
    let kind = Kind::Registry;
    let deep = "nested more than 128 deep";
    vec![
        bomb(
            "lists in lists",
            kind,
            ("{\"tags\":", "[", 8_000_000, ""),
            deep,
        ),
        bomb(
            "lists in lists beside",
            kind,
            ("{\"x\":", "[", 8_000_000, ""),
            deep,
        ),
        bomb(
            "objects in objects",
            kind,
            ("{\"x\":", "{\"a\":", 1_600_000, ""),
            deep,
        ),
    ]
}

fn tags() -> Vec<Bomb> {
    let kind = Kind::Registry;
    let too_many = "more than 250000 tags";
    let numbers =
        |count: usize| -> String { (0..count).map(|number| format!("\"{number}\",")).collect() };
    vec![
        bomb(
            "tags without end",
            kind,
            ("{\"tags\":[", &numbers(400_000), 1, "\"a\"]}"),
            too_many,
        )
        .keeping(TAGS, TAG_BYTES),
        bomb(
            "the same tag without end",
            kind,
            ("{\"tags\":[", "\"a\",", 1_900_000, "\"a\"]}"),
            too_many,
        )
        .keeping(TAGS, TAG_BYTES),
    ]
}
