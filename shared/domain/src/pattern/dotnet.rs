//! Rewrites a .NET pattern for `fancy-regex`.
//!
//! Most of a pattern has the same meaning in both engines and is copied. The translation exists for the rest:
//! text that both engines accept but interpret differently (`[a-z-[aeiou]]`, `a{,3}`, `\<`, `[a&&b]`),
//! constructs that only one of them supports, and the offsets of errors, which refer to the original text.

use std::iter::Peekable;
use std::str::CharIndices;

use super::error::PatternError;

mod classes;
mod escapes;
mod groups;

/// A rewritten pattern.
pub(super) struct Translation {
    pub(super) text: String,
    /// Offsets in the rewritten text with their offsets in the original, in rising order.
    origins: Vec<(usize, usize)>,
}

impl Translation {
    /// The offset in the original of an offset in the rewritten text.
    pub(super) fn origin(&self, at: usize) -> usize {
        let next = self
            .origins
            .partition_point(|(rewritten, _)| *rewritten <= at);
        next.checked_sub(1).map_or(0, |index| self.origins[index].1)
    }
}

/// The meaning of `\d`, `\w` and `\s`.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Classes {
    /// As in .NET, in any script. Compiled, each of them takes about 50 KB.
    Unicode,
    /// The same for ASCII, and a hundred times smaller.
    Ascii,
}

/// Rewrites a pattern that has no options set.
pub(super) fn translate(pattern: &str, classes: Classes) -> Result<Translation, PatternError> {
    let mut translator = Translator::new(pattern, classes);
    while let Some((at, c)) = translator.chars.next() {
        translator.origins.push((translator.out.len(), at));
        translator.step(at, c)?;
    }
    translator.finish()
}

/// The target of a quantifier.
#[derive(Clone, Copy, PartialEq)]
enum Last {
    Nothing,
    Atom,
    /// A group with a look-around.
    Looking,
    Quantifier,
}

struct Translator<'p> {
    pattern: &'p str,
    classes: Classes,
    chars: Peekable<CharIndices<'p>>,
    out: String,
    origins: Vec<(usize, usize)>,
    last: Last,
    /// The offsets of the open groups, each with the number of look-arounds before it.
    open: Vec<(usize, usize)>,
    /// The number of look-arounds so far. Each is a search of its own.
    looks: usize,
    has_names: bool,
    /// The offset of the first reference to a group by its number.
    numbered_reference: Option<usize>,
}

impl<'p> Translator<'p> {
    fn new(pattern: &'p str, classes: Classes) -> Self {
        Self {
            pattern,
            classes,
            chars: pattern.char_indices().peekable(),
            out: String::with_capacity(pattern.len() + 16),
            origins: Vec::new(),
            last: Last::Nothing,
            open: Vec::new(),
            looks: 0,
            has_names: false,
            numbered_reference: None,
        }
    }

    fn step(&mut self, at: usize, c: char) -> Result<(), PatternError> {
        match c {
            '\\' => self.escape(at)?,
            '[' => self.class(at)?,
            '(' => return self.group(at),
            '*' | '+' | '?' => return self.quantifier(at, 1),
            '{' => match counted(&self.pattern[at..]) {
                Some((length, true)) => return self.quantifier(at, length),
                Some((_, false)) => return Err(PatternError::invalid(at, "{x,y} with x above y")),
                None => self.literal('{'),
            },
            '|' => {
                self.out.push('|');
                self.last = Last::Nothing;
                return Ok(());
            }
            ')' => {
                let group = self.open.pop();
                let (_, looks) = group.ok_or_else(|| PatternError::invalid(at, "too many )"))?;
                self.out.push(')');
                if self.looks > looks {
                    self.last = Last::Looking;
                    return Ok(());
                }
            }
            _ => self.out.push(c),
        }
        self.last = Last::Atom;
        Ok(())
    }

    fn finish(self) -> Result<Translation, PatternError> {
        if let Some((at, _)) = self.open.last() {
            return Err(PatternError::invalid(*at, "a ( is never closed"));
        }
        match self.numbered_reference {
            // .NET numbers the groups with names after those without.
            Some(at) if self.has_names => Err(PatternError::not_evaluable(
                at,
                "group numbers together with group names",
            )),
            _ => Ok(Translation {
                text: self.out,
                origins: self.origins,
            }),
        }
    }

    fn next_is(&mut self, expected: char) -> bool {
        self.chars.next_if(|(_, c)| *c == expected).is_some()
    }

    fn rest(&mut self) -> &'p str {
        let at = self.chars.peek().map_or(self.pattern.len(), |(at, _)| *at);
        &self.pattern[at..]
    }

    fn skip(&mut self, characters: usize) {
        for _ in 0..characters {
            self.chars.next();
        }
    }

    fn literal(&mut self, c: char) {
        if c.is_ascii_punctuation() && !matches!(c, '<' | '>' | '_') {
            self.out.push('\\');
        }
        self.out.push(c);
    }

    fn code_point(&mut self, code: u32) {
        self.out.push_str(&format!("\\x{{{code:X}}}"));
    }

    /// A quantifier of the given length that starts here.
    fn quantifier(&mut self, at: usize, length: usize) -> Result<(), PatternError> {
        match self.last {
            Last::Nothing => {
                return Err(PatternError::invalid(at, "a quantifier follows nothing"));
            }
            Last::Quantifier => {
                return Err(PatternError::invalid(at, "a quantifier follows another"));
            }
            // It would search once per character, from each character on.
            Last::Looking if !self.pattern[at..].starts_with('?') => {
                return Err(PatternError::not_evaluable(at, "a repeated look-around"));
            }
            Last::Atom | Last::Looking => {}
        }
        self.out.push_str(&self.pattern[at..at + length]);
        self.skip(length - 1);
        if self.next_is('?') {
            self.out.push('?');
        }
        self.last = Last::Quantifier;
        Ok(())
    }
}

/// The length of `{n}`, `{n,}` or `{n,m}` at the start, and whether the bounds rise. In .NET every other
/// brace is text.
fn counted(text: &str) -> Option<(usize, bool)> {
    let (bounds, _) = text.strip_prefix('{')?.split_once('}')?;
    let (least, most) = bounds.split_once(',').unwrap_or((bounds, ""));
    let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if least.is_empty() || !is_number(least) || !is_number(most) {
        return None;
    }
    let number = |text: &str| text.parse().unwrap_or(u64::MAX);
    Some((
        bounds.len() + 2,
        most.is_empty() || number(least) <= number(most),
    ))
}
