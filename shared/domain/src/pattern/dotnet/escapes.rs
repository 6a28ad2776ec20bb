//! Backslashes.

use super::{Classes, Translator};
use crate::pattern::error::PatternError;

impl Translator<'_> {
    /// After a backslash outside brackets.
    pub(super) fn escape(&mut self, at: usize) -> Result<(), PatternError> {
        let (_, c) = self.chars.next().ok_or_else(|| trailing_backslash(at))?;
        match c {
            'A' | 'z' | 'b' | 'B' => self.copy_escape(c),
            'Z' | 'G' => return Err(PatternError::not_evaluable(at, format!("\\{c}"))),
            '1'..='9' => {
                if self
                    .chars
                    .peek()
                    .is_some_and(|(_, next)| next.is_ascii_digit())
                {
                    return Err(PatternError::not_evaluable(at, "a group number above 9"));
                }
                self.numbered_reference.get_or_insert(at);
                self.copy_escape(c);
            }
            'k' => self.named_reference(at)?,
            _ => self.shared_escape(at, c)?,
        }
        Ok(())
    }

    fn copy_escape(&mut self, c: char) {
        self.out.extend(['\\', c]);
    }

    /// Escapes with the same meaning inside and outside brackets.
    pub(super) fn shared_escape(&mut self, at: usize, c: char) -> Result<(), PatternError> {
        match c {
            'd' | 'D' | 'w' | 'W' | 's' | 'S' => match self.classes {
                Classes::Unicode => self.copy_escape(c),
                Classes::Ascii => self.out.push_str(ascii_class(c)),
            },
            't' | 'r' | 'n' | 'f' | 'v' | 'a' => self.copy_escape(c),
            'e' => self.code_point(0x1B),
            'x' => self.hexadecimal(at, 2)?,
            'u' => self.hexadecimal(at, 4)?,
            'p' | 'P' => self.category(at, c)?,
            'c' => return Err(PatternError::not_evaluable(at, "\\c")),
            '0'..='9' => return Err(PatternError::not_evaluable(at, "an octal character code")),
            _ if c.is_alphanumeric() || c == '_' => {
                return Err(PatternError::invalid(
                    at,
                    format!("there is no escape \\{c}"),
                ));
            }
            _ => self.literal(c),
        }
        Ok(())
    }

    fn hexadecimal(&mut self, at: usize, digits: usize) -> Result<(), PatternError> {
        let code = self
            .rest()
            .get(..digits)
            .filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()));
        let code = code.and_then(|text| u32::from_str_radix(text, 16).ok());
        let code = code.ok_or_else(|| PatternError::invalid(at, "digits of a code are missing"))?;
        if char::from_u32(code).is_none() {
            return Err(PatternError::not_evaluable(at, "a surrogate"));
        }
        self.skip(digits);
        self.code_point(code);
        Ok(())
    }

    /// `\p{Lu}`: both engines support general categories; only .NET supports named blocks.
    fn category(&mut self, at: usize, c: char) -> Result<(), PatternError> {
        let name = self
            .rest()
            .strip_prefix('{')
            .and_then(|rest| rest.split_once('}'));
        let (name, _) = name.ok_or_else(|| PatternError::invalid(at, "\\p without {category}"))?;
        if !CATEGORIES.contains(&name) {
            return Err(PatternError::not_evaluable(
                at,
                format!("the category {name:?}"),
            ));
        }
        self.skip(name.len() + 2);
        self.out.push_str(&format!("\\{c}{{{name}}}"));
        Ok(())
    }

    /// `\k<name>` or `\k'name'`.
    fn named_reference(&mut self, at: usize) -> Result<(), PatternError> {
        let close = if self.next_is('<') {
            '>'
        } else if self.next_is('\'') {
            '\''
        } else {
            return Err(PatternError::invalid(at, "\\k without a group's name"));
        };
        let name = self.name(at, close)?;
        self.out.push_str(&format!("\\k<{name}>"));
        Ok(())
    }
}

/// A class within ASCII. The local engine allows a class inside another.
fn ascii_class(letter: char) -> &'static str {
    match letter {
        'd' => "[0-9]",
        'D' => "[^0-9]",
        'w' => "[0-9A-Za-z_]",
        'W' => "[^0-9A-Za-z_]",
        's' => "[\\t-\\r ]",
        _ => "[^\\t-\\r ]",
    }
}

pub(super) fn trailing_backslash(at: usize) -> PatternError {
    PatternError::invalid(at, "it ends in a backslash")
}

/// Unicode's general categories by their short names, which both engines support.
const CATEGORIES: [&str; 36] = [
    "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc",
    "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp", "C",
    "Cc", "Cf", "Co", "Cn",
];
