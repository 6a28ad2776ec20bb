//! Connections that end early or never.

use std::time::Duration;

use hostile::Spoil;

use crate::behaviour::{BROKEN, Behaviour, UNAVAILABLE, bytes, row};

pub(crate) const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
pub(crate) const UNTIL_CLOSED: &str = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";

pub(crate) fn table() -> Vec<Behaviour> {
    vec![
        row("reset", Spoil::Reset, UNAVAILABLE),
        row("closed without a byte", bytes(""), UNAVAILABLE),
        row(
            "closed in the head",
            bytes("HTTP/1.1 200 OK\r\nContent-Le"),
            UNAVAILABLE,
        ),
        row(
            "closed in the body",
            bytes("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n{\"tags\":[\"1."),
            BROKEN,
        ),
        row(
            "closed in a chunk",
            bytes(&format!("{CHUNKED}fff\r\n{{\"tags\":[\"1.")),
            BROKEN,
        ),
        row(
            "closed between chunks",
            bytes(&format!("{CHUNKED}2\r\n{{}}\r\n")),
            BROKEN,
        ),
        slow("silent", Spoil::NoResponse, UNAVAILABLE),
        slow(
            "silent in the head",
            drip("HTTP/1.1 200 OK\r\nA: ", b"a"),
            UNAVAILABLE,
        ),
        slow("dripping", drip(CHUNKED, b"1\r\n \r\n"), UNAVAILABLE),
        slow(
            "dripping until closed",
            drip(UNTIL_CLOSED, b" "),
            UNAVAILABLE,
        ),
        slow(
            "continuing",
            drip("", b"HTTP/1.1 100 Continue\r\n\r\n"),
            UNAVAILABLE,
        ),
    ]
}

fn slow(name: &'static str, spoil: Spoil, expected: [&'static str; 4]) -> Behaviour {
    Behaviour {
        is_slow: true,
        ..row(name, spoil, expected)
    }
}

fn drip(start: &str, piece: &[u8]) -> Spoil {
    Spoil::Endless(start.into(), piece.to_vec(), Duration::from_millis(30))
}
