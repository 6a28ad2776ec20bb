//! Unexpected statuses.

use crate::behaviour::{Behaviour, MALFORMED, THROTTLED, UNAVAILABLE, answer, row};

pub(crate) fn table() -> Vec<Behaviour> {
    let status = |status, headers| answer(status, headers, "");
    let elsewhere = "Location: http://169.254.169.254/latest/meta-data/\r\n";
    let denied = ["denied", "denied", "denied", "unauthorized"];
    let refused = ["malformed", "malformed", "unavailable", "invalid"];
    // No redirect of Octopus is followed to another server: it would take the API key along.
    let outwards = ["forbidden", "forbidden", "unavailable", "invalid"];
    // No client follows a redirect to another scheme.
    let nowhere = ["malformed", "malformed", "unavailable", "invalid"];
    vec![
        row("429", status("429 Too Many Requests", ""), THROTTLED),
        row(
            "429 with seconds",
            status("429 X", "Retry-After: 30\r\n"),
            THROTTLED,
        ),
        row(
            "429 with a date",
            status("429 X", "Retry-After: Fri, 01 Jan 2100 00:00:00 GMT\r\n"),
            THROTTLED,
        ),
        row(
            "429 with nonsense",
            status("429 X", "Retry-After: soon\r\n"),
            THROTTLED,
        ),
        row(
            "429 for ages",
            status("429 X", "Retry-After: 99999999999999999999\r\n"),
            THROTTLED,
        ),
        row(
            "503 with seconds",
            status("503 X", "Retry-After: 30\r\n"),
            ["throttled", "throttled", "unavailable", "unavailable"],
        ),
        row("500", status("500 Oops", ""), UNAVAILABLE),
        row(
            "500 with a page",
            answer("500 X", "", "<html><h1>Oops</h1>"),
            UNAVAILABLE,
        ),
        row("501", status("501 X", ""), UNAVAILABLE),
        row("502", status("502 X", ""), UNAVAILABLE),
        row("503", status("503 X", ""), UNAVAILABLE),
        row("504", status("504 X", ""), UNAVAILABLE),
        row("599", status("599 X", ""), UNAVAILABLE),
        row("408", status("408 X", ""), UNAVAILABLE),
        row("400", status("400 X", ""), refused),
        row("401", status("401 X", ""), denied),
        row(
            "401 with nonsense",
            status("401 X", "WWW-Authenticate: ,,=\"\r\n"),
            denied,
        ),
        row(
            "403",
            status("403 X", ""),
            ["denied", "denied", "denied", "forbidden"],
        ),
        row(
            "404",
            status("404 X", ""),
            ["notFound", "notFound", "misconfigured", "notfound"],
        ),
        row(
            "410",
            status("410 X", ""),
            ["notFound", "notFound", "misconfigured", "notfound"],
        ),
        row("418", status("418 X", ""), refused),
        row("204", status("204 X", ""), MALFORMED),
        row(
            "206",
            answer("206 X", "Content-Range: bytes 0-1/9\r\n", "{}"),
            MALFORMED,
        ),
        row("299", answer("299 X", "", "{}"), MALFORMED),
        row(
            "304 unasked",
            status("304 X", ""),
            ["malformed", "same", "unavailable", "invalid"],
        ),
        row("302 without a place", status("302 X", ""), refused),
        row(
            "302 to a metadata service",
            status("302 X", elsewhere),
            outwards,
        ),
        row(
            "307 to a file",
            status("307 X", "Location: file:///etc/passwd\r\n"),
            nowhere,
        ),
        row(
            "308 to nothing",
            status("308 X", "Location: http://\r\n"),
            refused,
        ),
    ]
}
