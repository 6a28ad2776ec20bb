//! Shortens long values between decoding and the YAML parser, which keeps a whole value in memory.
//!
//! A value of more than [`MAX_KEPT`] characters is never one that is read. The characters that follow are dropped as far
//! as the style of the value permits: the rest of a quoted text up to its quote, the further lines of a block text,
//! the rest of a comment, and in a plain text everything that is not next to a character with a meaning. The value
//! ends where it would have ended, so the structure stays the same.
//!
//! The style is determined from the text since the last event of the parser, which is the start of a token.

mod start;
#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::rc::Rc;

use super::bytes::Allowance;
use start::{Escape, Style, style};

/// The number of characters of a value that are kept. The longest keys, versions and digests have a hundredth of it.
pub(super) const MAX_KEPT: usize = 16 << 10;

/// More characters than the parser reads ahead.
const READ_AHEAD: usize = 64;

/// The position of the parser and of the text. Clones share their content.
#[derive(Clone, Default)]
pub(super) struct Position {
    /// The number of characters up to the end of the last event.
    event: Rc<Cell<usize>>,
    /// Whether characters were dropped since then.
    is_shortened: Rc<Cell<bool>>,
    /// The number of lines that were dropped.
    dropped_lines: Rc<Cell<usize>>,
}

impl Position {
    /// Records an event that ends at this character.
    /// Returns whether its value was shortened.
    pub(super) fn event(&self, end: usize) -> bool {
        self.event.set(end);
        self.is_shortened.replace(false)
    }

    pub(super) fn dropped_lines(&self) -> usize {
        self.dropped_lines.get()
    }
}

/// Characters with shortened values.
pub(super) struct LongTokens<I> {
    chars: I,
    peeked: Option<Option<char>>,
    position: Position,
    allowance: Allowance,
    /// The last characters that were passed on: at least [`MAX_KEPT`], if there are as many.
    recent: Vec<char>,
    /// The number of characters that were passed on.
    passed: usize,
    /// The end of the event that `mode` belongs to.
    event: usize,
    is_examined: bool,
    mode: Mode,
    /// The last character, passed on or dropped.
    previous: char,
    /// The number of characters of a plain value since the last one with a meaning.
    run: usize,
    /// The indent of the line after a block.
    spaces: usize,
}

/// The handling of the next characters.
#[derive(Clone, Copy)]
enum Mode {
    /// The value is not long, or it has ended.
    Pass,
    /// An escape sequence and the indent of a line are completed before characters are dropped.
    Double {
        escape: Escape,
        is_dropping: bool,
    },
    Single {
        is_pending: bool,
        is_dropping: bool,
    },
    /// Lines of at least this indent are dropped.
    Block {
        indent: usize,
        is_at_start: bool,
    },
    Comment,
    Plain,
}

impl<I: Iterator<Item = char>> LongTokens<I> {
    pub(super) fn new(chars: I, position: Position, allowance: Allowance) -> Self {
        Self {
            chars,
            peeked: None,
            position,
            allowance,
            recent: Vec::with_capacity(2 * MAX_KEPT),
            passed: 0,
            event: 0,
            is_examined: false,
            mode: Mode::Pass,
            previous: '\n',
            run: 0,
            spaces: 0,
        }
    }

    fn pull(&mut self) -> Option<char> {
        match self.peeked.take() {
            Some(peeked) => peeked,
            None => self.chars.next(),
        }
    }

    fn peek(&mut self) -> Option<char> {
        if self.peeked.is_none() {
            self.peeked = Some(self.chars.next());
        }
        self.peeked.flatten()
    }

    fn pass(&mut self, char: char) -> char {
        self.passed += 1;
        if self.recent.len() == 2 * MAX_KEPT {
            self.recent.drain(..MAX_KEPT);
        }
        self.recent.push(char);
        self.previous = char;
        char
    }

    fn drop(&mut self, char: char) {
        let is_value = !matches!(self.mode, Mode::Comment);
        let is_shortened = &self.position.is_shortened;
        is_shortened.set(is_shortened.get() || is_value);
        self.allowance.restore();
        if char == '\n' {
            let lines = &self.position.dropped_lines;
            lines.set(lines.get() + 1);
        }
        self.previous = char;
    }

    /// Notices the parser's last event, and a value that has become long.
    fn follow(&mut self) {
        let event = self.position.event.get();
        if event != self.event {
            self.event = event;
            self.is_examined = false;
            self.mode = Mode::Pass;
        } else if !self.is_examined && self.passed >= self.event + MAX_KEPT {
            self.is_examined = true;
            self.mode = self.long();
        }
    }

    /// The mode for the value that has become long.
    fn long(&mut self) -> Mode {
        let start = self.recent.len().saturating_sub(MAX_KEPT);
        match style(self.recent.get(start..).unwrap_or_default()) {
            Style::Double(escape) => Mode::Double {
                escape,
                is_dropping: false,
            },
            Style::Single { is_pending } => Mode::Single {
                is_pending,
                is_dropping: false,
            },
            Style::Block { indent } => Mode::Block {
                indent,
                is_at_start: self.previous == '\n',
            },
            Style::Comment => Mode::Comment,
            Style::Plain => {
                self.run = 0;
                Mode::Plain
            }
            Style::Unknown => Mode::Pass,
        }
    }

    /// Handles a character as the mode requires; returns it if it is passed on.
    fn handle(&mut self, char: char) -> Option<char> {
        match self.mode {
            Mode::Pass => Some(self.pass(char)),
            Mode::Double {
                escape,
                is_dropping,
            } => self.in_double_quotes(char, escape, is_dropping),
            Mode::Single {
                is_pending,
                is_dropping,
            } => self.in_single_quotes(char, is_pending, is_dropping),
            Mode::Block {
                indent,
                is_at_start,
            } => self.in_block(char, indent, is_at_start),
            Mode::Comment if char == '\n' => self.end(char),
            Mode::Comment => {
                self.drop(char);
                None
            }
            Mode::Plain => self.in_plain(char),
        }
    }

    /// Passes on the character that ends a value.
    fn end(&mut self, char: char) -> Option<char> {
        self.mode = Mode::Pass;
        Some(self.pass(char))
    }

    fn in_double_quotes(&mut self, char: char, escape: Escape, is_dropping: bool) -> Option<char> {
        if escape == Escape::None && char == '"' {
            return self.end(char);
        }
        let is_dropping = is_dropping || escape == Escape::None && !char.is_whitespace();
        self.mode = Mode::Double {
            escape: escape.after(char),
            is_dropping,
        };
        if !is_dropping {
            return Some(self.pass(char));
        }
        self.drop(char);
        None
    }

    fn in_single_quotes(
        &mut self,
        char: char,
        is_pending: bool,
        is_dropping: bool,
    ) -> Option<char> {
        let is_pair = char == '\'' && (is_pending || self.peek() == Some('\''));
        if !is_pair && (is_pending || char == '\'') {
            return self.end(char);
        }
        let is_dropping = is_dropping || !is_pending && !char.is_whitespace();
        self.mode = Mode::Single {
            is_pending: is_pair && !is_pending,
            is_dropping,
        };
        if !is_dropping {
            return Some(self.pass(char));
        }
        self.drop(char);
        None
    }

    fn in_block(&mut self, char: char, indent: usize, is_at_start: bool) -> Option<char> {
        if !is_at_start {
            self.mode = Mode::Block {
                indent,
                is_at_start: char == '\n',
            };
            return Some(self.pass(char));
        }
        if char == ' ' {
            self.spaces += 1;
            self.allowance.restore();
            return None;
        }
        if self.spaces >= indent || matches!(char, '\r' | '\n') {
            self.spaces = 0;
            let mut next = Some(char);
            while let Some(char) = next {
                self.drop(char);
                next = if char == '\n' { None } else { self.pull() };
            }
            return None;
        }
        // The line is not of the block: its indent is passed on first.
        self.mode = Mode::Pass;
        self.peeked = Some(Some(char));
        None
    }

    /// Drops a character of a plain value unless it is close after one with a meaning, or before one. The parser reads up
    /// to 16 characters ahead of an event, and these may belong to another value.
    fn in_plain(&mut self, char: char) -> Option<char> {
        let has_meaning = |char: char| "\r\n:#,[]{}\"'".contains(char);
        self.run = if has_meaning(char) { 0 } else { self.run + 1 };
        if self.run <= READ_AHEAD || self.peek().is_none_or(has_meaning) {
            return Some(self.pass(char));
        }
        self.drop(char);
        None
    }
}

impl<I: Iterator<Item = char>> Iterator for LongTokens<I> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        loop {
            self.follow();
            if self.spaces > 0 && matches!(self.mode, Mode::Pass) {
                self.spaces -= 1;
                return Some(self.pass(' '));
            }
            let char = self.pull()?;
            if let Some(char) = self.handle(char) {
                return Some(char);
            }
        }
    }
}
