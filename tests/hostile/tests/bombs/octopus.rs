//! Bombs of Octopus or a proxy in front of it. The limit of an answer is 16 MiB.

use crate::bomb::{Bomb, CHUNKED, Kind, MANY, bomb, bytes};

/// Memory for a version while a list is assembled and checked for completeness.
const VERSION_BYTES: u64 = 160;
const VERSIONS: u64 = 100_000;

pub(crate) fn table() -> Vec<Bomb> {
    let kind = Kind::Octopus;
    let chunk = format!("4000\r\n{}\r\n", " ".repeat(0x4000));
    let deep = "nested more than 128 deep";
    let long = "a text of more than 1048576 bytes";
    let too_many = "more than 100000 entries";
    let version = "{\"Version\":\"1\"},";
    let all: String = (0..VERSIONS)
        .map(|number| format!("{{\"Version\":\"1.{number}\"}},"))
        .collect();
    let all = all.trim_end_matches(',');
    vec![
        bytes(
            "chunks without end",
            kind,
            (CHUNKED, &chunk, MANY, ""),
            "exceeds the size limit",
        ),
        bomb(
            "lists in lists",
            kind,
            ("{\"Items\":", "[", 15_000_000, ""),
            deep,
        ),
        bomb(
            "lists in lists beside",
            kind,
            ("{\"X\":", "[", 15_000_000, ""),
            deep,
        ),
        bomb(
            "a text of 16 MB",
            kind,
            ("{\"X\":\"", "a", 16_000_000, "\"}"),
            "not the expected JSON",
        ),
        bomb(
            "the same with escapes",
            kind,
            ("{\"X\":\"\\n", "a", 16_000_000, "\"}"),
            long,
        ),
        bomb(
            "versions without end",
            kind,
            ("{\"Items\":[", version, 1_000_000, "null]}"),
            too_many,
        )
        .keeping(VERSIONS, VERSION_BYTES),
        bomb(
            "as many as are read",
            kind,
            ("{\"Items\":[", all, 1, "]}"),
            "100000 versions",
        )
        .keeping(VERSIONS, VERSION_BYTES),
    ]
}
