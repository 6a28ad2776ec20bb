//! How a server can misbehave.

use std::time::Duration;

/// A misbehaviour, for requests whose path and query contain `path`.
#[derive(Clone, Debug)]
pub struct Fault {
    /// A part of the path and query; empty for every request.
    pub path: String,
    /// How many requests it strikes.
    pub times: usize,
    /// The misbehaviour.
    pub kind: FaultKind,
}

/// A misbehaviour.
#[derive(Clone, Debug)]
pub enum FaultKind {
    /// An answer of its own: code, headers, body.
    Status(u16, Vec<(String, String)>, String),
    /// A web page with code 200, as sign-in pages and wrong addresses give.
    Html,
    /// Half of the body that was announced, then the connection ends.
    Truncate,
    /// The connection ends without an answer.
    Reset,
    /// The right answer, after a while.
    Slow(Duration),
    /// The head of an answer, then a body without an end.
    EndlessBody,
    /// The right answer with a `Link` to the very page that was asked for.
    LoopingLink,
    /// The right answer with a `Link` to this URL.
    ForeignLink(String),
    /// The right answer with this value of `Link` instead of its own.
    LinkHeader(String),
    /// The first page and a `Link` to a further one, whichever page was asked for.
    RepeatedPage,
    /// The right JSON with things of the wrong type in it.
    WrongTypes,
    /// Code 200 and nothing else.
    EmptyBody,
    /// Code 429, with `Retry-After` in seconds where given.
    TooManyRequests(Option<u64>),
}

impl Fault {
    /// The fault, for the next `times` requests whose path and query contain `path`.
    pub fn new(path: impl Into<String>, times: usize, kind: FaultKind) -> Self {
        Self {
            path: path.into(),
            times,
            kind,
        }
    }

    /// The fault, for every request from now on.
    pub fn always(kind: FaultKind) -> Self {
        Self::new("", usize::MAX, kind)
    }
}
