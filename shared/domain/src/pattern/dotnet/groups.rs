//! Parentheses.

use super::{Last, Translator};
use crate::pattern::error::PatternError;

/// The maximum number of look-arounds, including atomic groups. Typical patterns have two or three.
const MOST_LOOKS: usize = 6;

impl<'p> Translator<'p> {
    /// A group's name up to its closing character.
    pub(super) fn name(&mut self, at: usize, close: char) -> Result<&'p str, PatternError> {
        let (name, _) = self
            .rest()
            .split_once(close)
            .ok_or_else(|| PatternError::invalid(at, "a group's name is never closed"))?;
        if name.contains('-') {
            return Err(PatternError::not_evaluable(at, "a balancing group"));
        }
        if name.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(PatternError::not_evaluable(
                at,
                "a group with a number for a name",
            ));
        }
        if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
            return Err(PatternError::invalid(at, "this is not a valid group name"));
        }
        self.skip(name.chars().count() + 1);
        Ok(name)
    }

    /// After an opening parenthesis.
    pub(super) fn group(&mut self, at: usize) -> Result<(), PatternError> {
        let rest = self.rest();
        if rest.starts_with("?#") {
            return self.comment(at);
        }
        self.last = Last::Nothing;
        if !rest.starts_with('?') {
            self.open.push((at, self.looks));
            self.out.push('(');
            return Ok(());
        }
        if rest.starts_with("?(") {
            return Err(PatternError::not_evaluable(at, "a conditional group"));
        }
        let plain = ["?:", "?=", "?!", "?>", "?<=", "?<!"];
        if let Some(prefix) = plain.into_iter().find(|prefix| rest.starts_with(prefix)) {
            return self.open_group(at, prefix);
        }
        if rest.starts_with("?<") || rest.starts_with("?'") {
            self.skip(2);
            let name = self.name(at, if rest.starts_with("?<") { '>' } else { '\'' })?;
            self.has_names = true;
            self.open.push((at, self.looks));
            self.out.push_str(&format!("(?<{name}>"));
            return Ok(());
        }
        self.options(at, rest)
    }

    fn open_group(&mut self, at: usize, prefix: &str) -> Result<(), PatternError> {
        self.skip(prefix.len());
        self.open.push((at, self.looks));
        self.out.push('(');
        self.out.push_str(prefix);
        self.looks += usize::from(prefix != "?:");
        if self.looks > MOST_LOOKS {
            let what = format!("more than {MOST_LOOKS} look-arounds");
            return Err(PatternError::not_evaluable(at, what));
        }
        Ok(())
    }

    fn comment(&mut self, at: usize) -> Result<(), PatternError> {
        let (comment, _) = self
            .rest()
            .split_once(')')
            .ok_or_else(|| PatternError::invalid(at, "a comment is never closed"))?;
        self.skip(comment.chars().count() + 1);
        Ok(())
    }

    /// `(?i)` applies to the rest of the group, `(?i:...)` to its own group.
    fn options(&mut self, at: usize, rest: &str) -> Result<(), PatternError> {
        let unknown = || PatternError::invalid(at, "there is no such kind of group");
        let end = rest.find([')', ':']).ok_or_else(unknown)?;
        let options = &rest[1..end];
        if options.is_empty() || !options.chars().all(|c| "imnsxIMNSX-".contains(c)) {
            return Err(unknown());
        }
        if options.contains(['n', 'x', 'N', 'X']) {
            return Err(PatternError::not_evaluable(
                at,
                format!("the option in (?{options})"),
            ));
        }
        if rest[end..].starts_with(':') {
            self.open.push((at, self.looks));
        }
        self.out.push('(');
        self.out.push_str(&rest[..=end].to_ascii_lowercase());
        self.skip(end + 1);
        Ok(())
    }
}
