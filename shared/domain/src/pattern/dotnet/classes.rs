//! Classes in brackets.
//!
//! Text that is not a range is escaped so that the local engine does not parse it as one: in .NET a `-` next to
//! a shorthand such as `\w` is text, and so is a `[`, except in a class subtraction.

use super::Translator;
use super::escapes::trailing_backslash;
use crate::pattern::error::PatternError;

impl Translator<'_> {
    /// After an opening bracket.
    pub(super) fn class(&mut self, at: usize) -> Result<(), PatternError> {
        self.out.push('[');
        if self.next_is('^') {
            self.out.push('^');
        }
        let mut is_first = true;
        let mut in_range = false;
        while let Some((here, c)) = self.chars.next() {
            if c == ']' && !is_first {
                self.out.push(']');
                return Ok(());
            }
            let is_shorthand = self.class_item(here, c, is_first)?;
            if is_shorthand && in_range {
                return Err(PatternError::invalid(
                    here,
                    "a range of characters ends in a class",
                ));
            }
            in_range = !in_range && !is_shorthand && self.range_begins(here)?;
            is_first = false;
        }
        Err(PatternError::invalid(at, "a [ is never closed"))
    }

    /// A character or an escape. Returns whether it matches several characters.
    fn class_item(&mut self, at: usize, c: char, is_first: bool) -> Result<bool, PatternError> {
        let next = self.chars.peek().map(|(_, next)| *next);
        match (c, next) {
            ('[', Some(':')) => Err(PatternError::not_evaluable(at, "[: in a class")),
            ('-', Some('[')) if !is_first => Err(subtraction(at)),
            ('\\', _) => self.class_escape(at),
            _ => {
                self.literal(c);
                Ok(false)
            }
        }
    }

    fn class_escape(&mut self, at: usize) -> Result<bool, PatternError> {
        let (_, c) = self.chars.next().ok_or_else(|| trailing_backslash(at))?;
        match c {
            'b' => self.code_point(0x08),
            _ => self.shared_escape(at, c)?,
        }
        Ok("dDwWsSpP".contains(c))
    }

    /// Consumes the `-` of a range after its first character.
    fn range_begins(&mut self, at: usize) -> Result<bool, PatternError> {
        let Some(end) = self.rest().strip_prefix('-') else {
            return Ok(false);
        };
        if end.starts_with('[') {
            return Err(subtraction(at));
        }
        self.skip(1);
        self.out.push('-');
        Ok(true)
    }
}

fn subtraction(at: usize) -> PatternError {
    PatternError::not_evaluable(at, "a class subtraction")
}
