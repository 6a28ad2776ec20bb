//! Answers that are not HTTP, or endless HTTP.

use std::time::Duration;

use hostile::Spoil;

use crate::behaviour::{BROKEN, Behaviour, UNAVAILABLE, answer, bytes, row};
use crate::connections::{CHUNKED, UNTIL_CLOSED};

pub(crate) fn table() -> Vec<Behaviour> {
    let headers = "A: b\r\n".repeat(1_000);
    let long = format!("A: {}\r\n", "a".repeat(1 << 20));
    // An index is parsed while it is read, so it is malformed before it is too long.
    let too_much = ["incomplete", "malformed", "malformed", "malformed"];
    let blank = [b"4000\r\n".as_slice(), &[b' '; 0x4000], b"\r\n"].concat();
    vec![
        row("no HTTP", bytes("SSH-2.0-OpenSSH_9.6\r\n"), UNAVAILABLE),
        row(
            "TLS where there is none",
            Spoil::Bytes(vec![21, 3, 1, 0, 2, 2, 70]),
            UNAVAILABLE,
        ),
        row("HTTP/0.9", bytes("{\"tags\":[]}"), UNAVAILABLE),
        row("HTTP/9", bytes("HTTP/9.9 200 OK\r\n\r\n"), UNAVAILABLE),
        row("no status", bytes("HTTP/1.1 OK\r\n\r\n"), UNAVAILABLE),
        row(
            "status of words",
            bytes("HTTP/1.1 two OK\r\n\r\n"),
            UNAVAILABLE,
        ),
        row(
            "a header without a name",
            bytes("HTTP/1.1 200 OK\r\n: x\r\n\r\n"),
            UNAVAILABLE,
        ),
        row(
            "two lengths",
            answer("200 OK", "Content-Length: 1\r\n", "{}"),
            UNAVAILABLE,
        ),
        row(
            "a negative length",
            bytes("HTTP/1.1 200 X\r\nContent-Length: -1\r\n\r\n"),
            UNAVAILABLE,
        ),
        row(
            "a length beyond all",
            bytes("HTTP/1.1 200 X\r\nContent-Length: 9223372036854775807\r\n\r\n{}"),
            ["incomplete", "incomplete", "malformed", "malformed"],
        ),
        row(
            "a chunk of no size",
            bytes(&format!("{CHUNKED}x\r\n{{}}\r\n")),
            BROKEN,
        ),
        row(
            "a chunk beyond all",
            bytes(&format!("{CHUNKED}ffffffffffffffffff\r\n{{}}\r\n")),
            BROKEN,
        ),
        row(
            "a thousand headers",
            answer("200 OK", &headers, "{}"),
            UNAVAILABLE,
        ),
        row(
            "a header of a mebibyte",
            answer("200 OK", &long, "{}"),
            UNAVAILABLE,
        ),
        row(
            "headers without end",
            endless("HTTP/1.1 200 OK\r\n", b"A: bbbbbbbb\r\n"),
            UNAVAILABLE,
        ),
        row(
            "a header without end",
            endless("HTTP/1.1 200 OK\r\nA: ", &[b'a'; 4096]),
            UNAVAILABLE,
        ),
        row("chunks without end", endless(CHUNKED, &blank), too_much),
        row(
            "a body without end",
            endless(UNTIL_CLOSED, &[b' '; 0x4000]),
            too_much,
        ),
        row(
            "a switch of protocols",
            bytes("HTTP/1.1 101 X\r\nUpgrade: h2c\r\n\r\n"),
            ["malformed", "malformed", "unavailable", "invalid"],
        ),
    ]
}

fn endless(start: &str, piece: &[u8]) -> Spoil {
    // In large pieces, so that this is not what takes the time.
    let piece = piece.repeat(0x4000_usize.div_ceil(piece.len()));
    Spoil::Endless(start.into(), piece, Duration::ZERO)
}
