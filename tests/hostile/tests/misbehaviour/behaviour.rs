//! A server's behaviour and the expected outcome for each kind of server.

use hostile::{Answer, Spoil};

/// One behaviour with its expected outcomes.
#[derive(Clone)]
pub(crate) struct Behaviour {
    pub(crate) name: &'static str,
    pub(crate) spoil: Spoil,
    /// Whether the client must time out.
    pub(crate) is_slow: bool,
    /// Outcomes for registry, Helm repository, `octopus` route and Octopus itself; `-` where it does not apply.
    pub(crate) expected: [&'static str; 4],
}

pub(crate) const THROTTLED: [&str; 4] = ["throttled"; 4];
pub(crate) const UNAVAILABLE: [&str; 4] = ["unavailable"; 4];
pub(crate) const MALFORMED: [&str; 4] = ["malformed"; 4];
/// A truncated answer. Octopus does not report whether its own answer or the feed's was truncated.
pub(crate) const BROKEN: [&str; 4] = ["incomplete", "incomplete", "unavailable", "unavailable"];

pub(crate) fn row(name: &'static str, spoil: Spoil, expected: [&'static str; 4]) -> Behaviour {
    Behaviour {
        name,
        spoil,
        is_slow: false,
        expected,
    }
}

/// The right answer, changed.
pub(crate) fn changed(
    name: &'static str,
    change: fn(Answer) -> Vec<u8>,
    expected: [&'static str; 4],
) -> Behaviour {
    row(name, Spoil::Changed(change), expected)
}

/// An answer with these lines in its head and this body.
pub(crate) fn answer(status: &str, headers: &str, body: &str) -> Spoil {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n");
    bytes(&format!("{head}Connection: close\r\n\r\n{body}"))
}

pub(crate) fn bytes(text: &str) -> Spoil {
    Spoil::Bytes(text.as_bytes().to_vec())
}
