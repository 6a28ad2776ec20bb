//! Drops unwatched charts from an index line by line, before YAML parsing.
//!
//! An index is large, and a watched chart is a small part of it. Helm, ChartMuseum and other programs written in
//! Go write indexes in one style: `entries:` without indent, the names of charts at one indent, the list of
//! versions below. In this style a chart can be skipped line by line, which takes a tenth of the time of parsing
//! it. The output is an index without the skipped charts, for the YAML parser.
//!
//! The prefilter never guesses. A line that could have another meaning (flow style, quotes over several lines,
//! tabs, anchors, documents, other indents) ends the filtering: the pending lines of the current chart and all
//! following lines are passed on. So a valid index has the same content with the prefilter as without. The last
//! version of a skipped chart is passed on at the end of the text, so that the parser detects a text that was cut
//! there.

mod line;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::io::{self, BufRead, Read};

use memchr::memchr_iter;

use super::lines::Lines;
use line::{Name, Start};

/// The number of bytes that are read at a time.
const BLOCK_BYTES: u64 = 16 << 10;

/// The maximum length of a line, and of the pending lines of a chart. The parser handles longer ones, with its own
/// limits.
const MAX_PENDING_BYTES: usize = 256 << 10;

/// A reader of an index without unwatched charts.
pub(super) struct Prefilter<R> {
    inner: R,
    watched: BTreeSet<String>,
    block_bytes: u64,
    /// Bytes that were read; those from `start` on are not filtered yet.
    block: Vec<u8>,
    start: usize,
    /// Filtered bytes; those from `consumed` on are not read yet.
    out: Vec<u8>,
    consumed: usize,
    state: State,
    pending: Pending,
    /// The number of the line at `start`.
    line: usize,
    /// The number of the next line that is passed on.
    next_out: usize,
    lines: Lines,
}

/// The position of the next line in the index.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before `entries:`.
    Head,
    /// Between `entries:` and the first chart.
    Entries,
    /// In a chart whose name has this indent. `list` is the indent of its list, once it is known.
    Chart {
        is_watched: bool,
        indent: usize,
        list: Option<usize>,
    },
    /// After the end of filtering: all lines are passed on.
    Open,
}

/// The pending lines of a chart that is skipped.
#[derive(Default)]
struct Pending {
    name: Vec<u8>,
    name_line: usize,
    /// The lines of the last version so far.
    version: Vec<u8>,
    version_line: usize,
    /// The last version is too long to be kept, and is replaced by an empty one.
    is_long: bool,
}

/// The decision about a line.
enum Action {
    /// Passes the line on.
    Keep,
    /// Adds the line to the pending lines of a skipped chart.
    Buffer,
    /// Drops the line, which is pending already.
    Drop,
    /// Ends the filtering: passes on the pending lines, the line and all that follow.
    Open,
}

impl<R: Read> Prefilter<R> {
    /// A prefilter that keeps the watched charts.
    pub(super) fn new(inner: R, watched: BTreeSet<String>, lines: Lines) -> Self {
        Self {
            inner,
            watched,
            block_bytes: BLOCK_BYTES,
            block: Vec::new(),
            start: 0,
            out: Vec::new(),
            consumed: 0,
            state: State::Head,
            pending: Pending::default(),
            line: 1,
            next_out: 1,
            lines,
        }
    }

    /// Reads and filters the next block. Returns whether there may be more.
    fn advance(&mut self) -> io::Result<bool> {
        self.block.drain(..self.start);
        self.start = 0;
        let known = self.block.len();
        let mut more = self.inner.by_ref().take(self.block_bytes);
        let is_more = more.read_to_end(&mut self.block)? > 0;
        let block = std::mem::take(&mut self.block);
        let ends_lines_alike = is_free_of_lone_returns(&block) && !has_anchor(&block, known);
        if ends_lines_alike {
            let fresh = block.get(known..).unwrap_or_default();
            for end in memchr_iter(b'\n', fresh) {
                if self.state == State::Open {
                    break;
                }
                self.line(&block, known + end + 1);
            }
            if !is_more && self.start < block.len() && self.state != State::Open {
                self.line(&block, block.len());
            }
        }
        let is_long = block.len() - self.start > MAX_PENDING_BYTES;
        if !is_more || is_long || !ends_lines_alike {
            self.open();
        }
        if self.state == State::Open {
            let rest = block.get(self.start..).unwrap_or_default();
            self.pass_on(rest, self.line);
            self.line += memchr_iter(b'\n', rest).count();
            self.start = block.len();
        }
        self.block = block;
        Ok(is_more)
    }

    /// Filters the line from `start` to `end`.
    fn line(&mut self, block: &[u8], end: usize) {
        let line = block.get(self.start..end).unwrap_or_default();
        let action = match self.state {
            State::Chart {
                is_watched,
                list: Some(list),
                ..
            } if line::is_deeper(line, list) => Action::in_chart(is_watched),
            _ => self.structure(line),
        };
        match action {
            Action::Keep => self.pass_on(line, self.line),
            Action::Buffer => self.buffer(line),
            Action::Drop => {}
            Action::Open => {
                self.open();
                return;
            }
        }
        self.start = end;
        self.line += 1;
    }

    /// Passes on lines; the first one has this number.
    fn pass_on(&mut self, lines: &[u8], number: usize) {
        if lines.is_empty() {
            return;
        }
        self.lines.record(self.next_out, number);
        self.next_out += memchr_iter(b'\n', lines).count();
        self.out.extend_from_slice(lines);
    }

    /// Adds a line of a version in a skipped chart.
    fn buffer(&mut self, line: &[u8]) {
        let pending = &mut self.pending;
        if pending.version.is_empty() {
            pending.version_line = self.line;
        }
        if pending.is_long {
            return;
        }
        pending.version.extend_from_slice(line);
        if pending.version.len() > MAX_PENDING_BYTES
            && let State::Chart {
                list: Some(list), ..
            } = self.state
        {
            // Whether the text is cut within this version is not noticed.
            pending.is_long = true;
            pending.version = b" ".repeat(list);
            pending.version.extend_from_slice(b"- {}\n");
        }
    }

    /// The decision about a line that is not inside a version.
    fn structure(&mut self, line: &[u8]) -> Action {
        let (depth, start) = line::start(line);
        match (self.state, start) {
            (State::Chart { is_watched, .. }, Start::Nothing) => Action::in_chart(is_watched),
            (_, Start::Nothing) => Action::Keep,
            (State::Head, _) => self.head(line, depth, start),
            (State::Entries, Start::Name(name)) if depth > 0 => self.chart(line, depth, name),
            (State::Chart { indent, .. }, Start::Name(name)) if depth == indent => {
                self.chart(line, depth, name)
            }
            (
                State::Chart {
                    is_watched,
                    indent,
                    list,
                },
                Start::Version,
            ) if list.map_or(depth >= indent, |list| list == depth) => {
                self.state = State::Chart {
                    is_watched,
                    indent,
                    list: Some(depth),
                };
                // The previous version is complete and not needed.
                self.pending.version.clear();
                self.pending.is_long = false;
                Action::in_chart(is_watched)
            }
            _ => Action::Open,
        }
    }

    /// The decision about a line before the charts. A value must not continue on a line without indent.
    fn head(&mut self, line: &[u8], depth: usize, start: Start<'_>) -> Action {
        let is_clear = match start {
            Start::Name(name) if depth == 0 && name.text == "entries" && !name.is_empty => {
                self.state = State::Entries;
                true
            }
            Start::Name(_) => true,
            Start::Text => depth > 0 || line::is_whole(line),
            Start::Version => depth > 0,
            Start::Nothing | Start::Other => line.trim_ascii_end() == b"---",
        };
        if is_clear { Action::Keep } else { Action::Open }
    }

    /// Starts a chart.
    fn chart(&mut self, line: &[u8], indent: usize, name: Name<'_>) -> Action {
        let is_watched = self.watched.contains(name.text);
        self.state = State::Chart {
            is_watched,
            indent,
            // An empty list has no versions.
            list: name.is_empty.then_some(usize::MAX),
        };
        self.pending = Pending::default();
        if is_watched {
            return Action::Keep;
        }
        self.pending.name.extend_from_slice(line);
        self.pending.name_line = self.line;
        Action::Drop
    }

    /// Passes on the pending lines, and from now on all lines.
    fn open(&mut self) {
        self.state = State::Open;
        let pending = std::mem::take(&mut self.pending);
        self.pass_on(&pending.name, pending.name_line);
        self.pass_on(&pending.version, pending.version_line);
    }
}

impl Action {
    fn in_chart(is_watched: bool) -> Self {
        if is_watched { Self::Keep } else { Self::Buffer }
    }
}

impl<R: Read> Read for Prefilter<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: Read> BufRead for Prefilter<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.consumed == self.out.len() {
            self.out.clear();
            self.consumed = 0;
            if !self.advance()? && self.out.is_empty() {
                break;
            }
        }
        Ok(self.out.get(self.consumed..).unwrap_or_default())
    }

    fn consume(&mut self, bytes: usize) {
        self.consumed += bytes;
    }
}

/// Whether the bytes from `start` on may define an anchor, which an alias after a skipped chart may refer to.
fn has_anchor(block: &[u8], start: usize) -> bool {
    let fresh = block.get(start..).unwrap_or_default();
    memchr_iter(b'&', fresh).any(|at| {
        let at = start + at;
        let before = |distance: usize| at.checked_sub(distance).and_then(|at| block.get(at));
        let is_value = match before(1) {
            Some(b' ') => matches!(before(2), Some(b':' | b'-' | b' ' | b',' | b'?')),
            Some(b'[' | b'{') => true,
            Some(b'\n') | None => true,
            Some(_) => false,
        };
        is_value
            && block
                .get(at + 1)
                .is_none_or(|byte| !byte.is_ascii_whitespace())
    })
}

/// Whether every carriage return is followed by a line feed, except at the end of the block. A lone carriage
/// return ends a line in YAML, which the prefilter does not support.
fn is_free_of_lone_returns(block: &[u8]) -> bool {
    memchr_iter(b'\r', block).all(|at| matches!(block.get(at + 1), None | Some(b'\n')))
}
