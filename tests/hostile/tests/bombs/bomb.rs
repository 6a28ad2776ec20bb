//! A bomb: an answer byte by byte, the memory that reading it may use, and the expected outcome.

use std::sync::Arc;

pub(crate) const PLAIN: &str = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
pub(crate) const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
/// Repetitions of an endless piece: some hundred MiB in pieces of 16 KiB.
pub(crate) const MANY: usize = 1 << 14;

/// The attacked client.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Registry,
    Helm,
    Octopus,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Registry => "registry",
            Self::Helm => "helm",
            Self::Octopus => "octopus",
        }
    }

    /// A harmless answer.
    pub(crate) fn warm(self) -> &'static str {
        match self {
            Self::Registry => "{\"name\":\"app\",\"tags\":[\"1.0.0\"]}",
            Self::Helm => "apiVersion: v1\nentries:\n  app:\n  - name: app\n    version: 1.0.0\n",
            Self::Octopus => "{\"Items\":[{\"Version\":\"1.0.0\"}],\"TotalResults\":1}",
        }
    }

    /// Memory that a read may use, in KiB: the bytes of a page; 0 for an index, which is never in memory.
    fn page_kib(self) -> u64 {
        match self {
            Self::Registry => 8 << 10,
            Self::Helm => 0,
            Self::Octopus => 16 << 10,
        }
    }
}

/// An answer: a start, something many times, an end.
pub(crate) struct Answer {
    pub(crate) start: Vec<u8>,
    pub(crate) again: Vec<u8>,
    pub(crate) times: usize,
    pub(crate) end: Vec<u8>,
}

pub(crate) struct Bomb {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) answer: Arc<Answer>,
    pub(crate) cap_kib: u64,
    /// Text that the outcome must contain.
    pub(crate) expected_text: &'static str,
}

/// A body of a start, a piece repeated `times`, and an end.
pub(crate) fn bomb(
    name: &'static str,
    kind: Kind,
    (start, again, times, end): (&str, &str, usize, &str),
    expected_text: &'static str,
) -> Bomb {
    let start = format!("{PLAIN}{start}");
    bytes(name, kind, (&start, again, times, end), expected_text)
}

/// The same from the status line on.
pub(crate) fn bytes(
    name: &'static str,
    kind: Kind,
    (start, again, times, end): (&str, &str, usize, &str),
    expected_text: &'static str,
) -> Bomb {
    // A piece at a time would take a second for each mebibyte.
    let at_once = 0x4000_usize.div_ceil(again.len().max(1)).min(times.max(1));
    Bomb {
        name,
        kind,
        answer: Arc::new(Answer {
            start: start.as_bytes().to_vec(),
            again: again.repeat(at_once).into_bytes(),
            times: times.div_ceil(at_once),
            end: end.as_bytes().to_vec(),
        }),
        cap_kib: kind.page_kib(),
        expected_text,
    }
}

impl Bomb {
    /// Allows memory for this many entries of this many bytes each.
    pub(crate) fn keeping(self, entries: u64, bytes: u64) -> Self {
        Self {
            cap_kib: self.cap_kib + entries * bytes / 1_024,
            ..self
        }
    }
}
