//! Bodies that are not what was asked for.

use hostile::{Answer, Spoil};

use crate::behaviour::{Behaviour, MALFORMED, answer, row};

pub(crate) fn table() -> Vec<Behaviour> {
    let half = |answer: Answer| answer.with_body(&answer.body[..answer.body.len() / 2]);
    let twice = |answer: Answer| answer.with_body([&answer.body[..], &answer.body[..]].concat());
    let gzip = |answer: Answer| answer.with_header("Content-Encoding: gzip");
    let brotli = |answer: Answer| answer.with_header("Content-Encoding: br");
    let deep = format!("{{\"tags\":{}", "[".repeat(200_000));
    let quiet = ["same", "malformed", "same", "same"];
    vec![
        row("nothing", page(""), MALFORMED),
        row("blank", page(" \n "), MALFORMED),
        row(
            "a web page",
            page("<!DOCTYPE html><html><body>Sign in</body></html>"),
            MALFORMED,
        ),
        row("null", page("null"), MALFORMED),
        row("a number", page("7"), MALFORMED),
        row("a text", page("\"tags\""), MALFORMED),
        row("a list", page("[]"), MALFORMED),
        row("nothing in it", page("{}"), MALFORMED),
        row(
            "an error with code 200",
            page("{\"errors\":[{\"code\":\"DENIED\"}]}"),
            MALFORMED,
        ),
        row(
            "wrong types",
            page("{\"tags\":{\"1.0\":[]},\"entries\":[\"1.0\"],\"Items\":{\"a\":1}}"),
            MALFORMED,
        ),
        row(
            "wrong types within",
            page("{\"tags\":[7],\"apiVersion\":\"v1\",\"entries\":{\"acme-web\":7},\"Items\":[7]}"),
            ["malformed", "malformed", "malformed", "malformed"],
        ),
        row(
            "no UTF-8",
            Spoil::Bytes(b"HTTP/1.1 200 X\r\nContent-Length: 4\r\n\r\n{\"\xff\"".into()),
            MALFORMED,
        ),
        row("zeros", page("\0\0\0\0"), MALFORMED),
        row("depth", page(&deep), MALFORMED),
        row(
            "a number beyond all",
            page(&format!("{{\"tags\":{}}}", "9".repeat(100_000))),
            MALFORMED,
        ),
        row(
            "half of it",
            Spoil::Changed(half),
            ["malformed", "-", "malformed", "malformed"],
        ),
        row("twice", Spoil::Changed(twice), MALFORMED),
        row("gzip that is none", Spoil::Changed(gzip), quiet),
        row("an encoding unasked", Spoil::Changed(brotli), quiet),
    ]
}

fn page(body: &str) -> Spoil {
    answer("200 OK", "Content-Type: application/json\r\n", body)
}
