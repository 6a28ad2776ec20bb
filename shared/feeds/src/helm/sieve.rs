//! Takes the charts that nobody watches out of an index before it is parsed.
//!
//! An index is large, and a watched chart is a small part of it. Helm, ChartMuseum and everything else
//! written in Go write indexes in one style: `entries:` at the margin, the charts' names at one indent, the
//! list of versions below. In that style a chart can be passed over line by line, which takes a tenth of
//! the time of parsing it. What comes out is an index without those charts, for the YAML parser.
//!
//! Nothing is guessed. A line that could mean anything else than it seems to (flow style, quotes over
//! several lines, tabs, anchors, documents, other indents) ends the sieving: what was held back of the
//! chart at hand is given out, and all that follows. So an index that can be parsed gives the same with a
//! sieve as without one. Of a chart that is passed over the last version is given out at the end of the
//! text, so that a text which breaks off there is seen to.

mod line;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::io::{self, BufRead, Read};

use memchr::memchr_iter;

use line::{Name, Start};

/// What is read at a time.
const BLOCK_BYTES: u64 = 16 << 10;

/// The longest line, and the most that is held back of a chart. More than that is left to the parser,
/// which knows what is too much.
const HELD_BYTES: usize = 256 << 10;

/// A reader of an index without the charts that are not wanted.
pub(super) struct Sieve<R> {
    inner: R,
    wanted: BTreeSet<String>,
    block_bytes: u64,
    /// What was read and not yet looked at, from `start`.
    block: Vec<u8>,
    start: usize,
    /// What is given out, from `given`.
    out: Vec<u8>,
    given: usize,
    place: Place,
    held: Held,
}

/// Where in the index the next line is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before `entries:`.
    Head,
    /// Between `entries:` and the first chart.
    Entries,
    /// In a chart whose name has this indent; its list has an indent of its own once it is seen.
    Chart {
        is_wanted: bool,
        indent: usize,
        list: Option<usize>,
    },
    /// Where everything is given out.
    Open,
}

/// What is held back of a chart that is passed over.
#[derive(Default)]
struct Held {
    name: Vec<u8>,
    /// The last version so far.
    version: Vec<u8>,
}

/// What becomes of a line.
enum Fate {
    Give,
    /// It belongs to a chart that is passed over.
    Hold,
    /// It is kept elsewhere already.
    Pass,
    /// It and all that follows is given out, after what is held.
    Open,
}

impl<R: Read> Sieve<R> {
    /// Sieves `inner`, keeping the charts that are wanted.
    pub(super) fn new(inner: R, wanted: BTreeSet<String>) -> Self {
        Self {
            inner,
            wanted,
            block_bytes: BLOCK_BYTES,
            block: Vec::new(),
            start: 0,
            out: Vec::new(),
            given: 0,
            place: Place::Head,
            held: Held::default(),
        }
    }

    /// Reads the next block, and gives out what is wanted of it: nothing at the end of the text, and
    /// possibly nothing before.
    fn advance(&mut self) -> io::Result<bool> {
        self.block.drain(..self.start);
        self.start = 0;
        let known = self.block.len();
        let mut more = self.inner.by_ref().take(self.block_bytes);
        let is_more = more.read_to_end(&mut self.block)? > 0;
        let block = std::mem::take(&mut self.block);
        let ends_lines_alike = is_free_of_lone_returns(&block);
        if ends_lines_alike {
            let fresh = block.get(known..).unwrap_or_default();
            for end in memchr_iter(b'\n', fresh) {
                if self.place == Place::Open {
                    break;
                }
                self.line(&block, known + end + 1);
            }
            if !is_more && self.start < block.len() && self.place != Place::Open {
                self.line(&block, block.len());
            }
        }
        let is_long = block.len() - self.start > HELD_BYTES;
        if !is_more || is_long || !ends_lines_alike {
            self.open();
        }
        if self.place == Place::Open {
            self.out
                .extend_from_slice(block.get(self.start..).unwrap_or_default());
            self.start = block.len();
        }
        self.block = block;
        Ok(is_more)
    }

    /// Decides on the line from `start` to `end`.
    fn line(&mut self, block: &[u8], end: usize) {
        let line = block.get(self.start..end).unwrap_or_default();
        let fate = match self.place {
            Place::Chart {
                is_wanted,
                list: Some(list),
                ..
            } if line::is_deeper(line, list) => Fate::in_chart(is_wanted),
            _ => self.look(line),
        };
        match fate {
            Fate::Give => self.out.extend_from_slice(line),
            Fate::Hold => self.held.version.extend_from_slice(line),
            Fate::Pass => {}
            Fate::Open => {
                self.open();
                return;
            }
        }
        self.start = end;
        if self.held.version.len() > HELD_BYTES {
            self.open();
        }
    }

    /// What becomes of a line that may be the start of something.
    fn look(&mut self, line: &[u8]) -> Fate {
        let (depth, start) = line::start(line);
        match (self.place, start) {
            (Place::Chart { is_wanted, .. }, Start::Nothing) => Fate::in_chart(is_wanted),
            (_, Start::Nothing) => Fate::Give,
            (Place::Head, _) => self.head(line, depth, start),
            (Place::Entries, Start::Name(name)) if depth > 0 => self.chart(line, depth, name),
            (Place::Chart { indent, .. }, Start::Name(name)) if depth == indent => {
                self.chart(line, depth, name)
            }
            (
                Place::Chart {
                    is_wanted,
                    indent,
                    list,
                },
                Start::Version,
            ) if list.map_or(depth >= indent, |list| list == depth) => {
                self.place = Place::Chart {
                    is_wanted,
                    indent,
                    list: Some(depth),
                };
                // Of the version before, nothing is needed any more.
                self.held.version.clear();
                Fate::in_chart(is_wanted)
            }
            _ => Fate::Open,
        }
    }

    /// What becomes of a line before the charts. None may begin what a line at the margin could end or
    /// be part of.
    fn head(&mut self, line: &[u8], depth: usize, start: Start<'_>) -> Fate {
        let is_clear = match start {
            Start::Name(name) if depth == 0 && name.text == "entries" && !name.is_empty => {
                self.place = Place::Entries;
                true
            }
            Start::Name(_) => true,
            Start::Text => depth > 0 || line::is_whole(line),
            Start::Version => depth > 0,
            Start::Nothing | Start::Other => line.trim_ascii_end() == b"---",
        };
        if is_clear { Fate::Give } else { Fate::Open }
    }

    /// Begins a chart.
    fn chart(&mut self, line: &[u8], indent: usize, name: Name<'_>) -> Fate {
        let is_wanted = self.wanted.contains(name.text);
        self.place = Place::Chart {
            is_wanted,
            indent,
            // Nothing may follow an empty list.
            list: name.is_empty.then_some(usize::MAX),
        };
        self.held = Held::default();
        if is_wanted {
            return Fate::Give;
        }
        self.held.name.extend_from_slice(line);
        Fate::Pass
    }

    /// Gives out what is held, and from now on everything.
    fn open(&mut self) {
        self.place = Place::Open;
        let Held { name, version } = std::mem::take(&mut self.held);
        self.out.extend_from_slice(&name);
        self.out.extend_from_slice(&version);
    }
}

impl Fate {
    fn in_chart(is_wanted: bool) -> Self {
        if is_wanted { Self::Give } else { Self::Hold }
    }
}

impl<R: Read> Read for Sieve<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: Read> BufRead for Sieve<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.given == self.out.len() {
            self.out.clear();
            self.given = 0;
            if !self.advance()? && self.out.is_empty() {
                break;
            }
        }
        Ok(self.out.get(self.given..).unwrap_or_default())
    }

    fn consume(&mut self, bytes: usize) {
        self.given += bytes;
    }
}

/// Whether every carriage return ends a line together with a line feed; the last byte may be one whose
/// line feed comes yet. A lone one ends a line by itself, which is not looked for.
fn is_free_of_lone_returns(block: &[u8]) -> bool {
    memchr_iter(b'\r', block).all(|at| matches!(block.get(at + 1), None | Some(b'\n')))
}
