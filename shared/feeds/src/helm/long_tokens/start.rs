//! The style of a long value, from the text after the last event of the parser.

/// The style of the value in which a text ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// In double quotes.
    Double(Escape),
    /// In single quotes; `is_pending` after a quote that is the end or the first half of a pair.
    Single {
        is_pending: bool,
    },
    /// `|` or `>`; the lines of the value have at least this indent.
    Block {
        indent: usize,
    },
    Comment,
    Plain,
    /// The value has ended, or its style cannot be determined.
    Unknown,
}

/// The position in an escape sequence of a text in double quotes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Escape {
    #[default]
    None,
    /// After the backslash.
    Kind,
    /// Before this many hexadecimal digits.
    Digits(u8),
}

impl Escape {
    /// The position after the next character.
    pub(super) fn after(self, char: char) -> Self {
        match (self, char) {
            (Self::None, '\\') => Self::Kind,
            (Self::Kind, 'x') => Self::Digits(2),
            (Self::Kind, 'u') => Self::Digits(4),
            (Self::Kind, 'U') => Self::Digits(8),
            (Self::Digits(left @ 2..), _) => Self::Digits(left - 1),
            _ => Self::None,
        }
    }
}

/// The style of the value in which this text ends. The text starts where a token may start.
pub(super) fn style(text: &[char]) -> Style {
    let mut at = 0;
    while let Some(&char) = text.get(at) {
        let is_before_space = text.get(at + 1).is_none_or(|next| next.is_whitespace());
        let is_after_space = at == 0 || text.get(at - 1).is_some_and(|char| char.is_whitespace());
        let rest = text.get(at + 1..).unwrap_or_default();
        at += match char {
            ' ' | '\t' | '\r' | '\n' | ',' | '[' | ']' | '{' | '}' => 1,
            ':' if at == 0 || is_before_space => 1,
            '-' | '?' if is_before_space => 1,
            '-' if rest.starts_with(&['-', '-']) && is_after_space => 3,
            '!' | '&' => 1 + length(rest, char::is_whitespace),
            '#' if is_after_space => match rest.iter().position(|char| *char == '\n') {
                Some(end) => end + 1,
                None => return Style::Comment,
            },
            '"' => match double(rest) {
                Ok(length) => length + 1,
                Err(escape) => return Style::Double(escape),
            },
            '\'' => match single(rest) {
                Ok(length) => length + 1,
                Err(is_pending) => return Style::Single { is_pending },
            },
            '|' | '>' => return block(rest),
            _ => return Style::Plain,
        };
    }
    Style::Unknown
}

fn length(text: &[char], is_end: impl Fn(char) -> bool) -> usize {
    let end = text.iter().position(|char| is_end(*char));
    end.unwrap_or(text.len())
}

/// The length up to the closing quote, with it; the escape sequence at the end if there is no quote.
fn double(text: &[char]) -> Result<usize, Escape> {
    let mut escape = Escape::None;
    for (at, &char) in text.iter().enumerate() {
        if escape == Escape::None && char == '"' {
            return Ok(at + 1);
        }
        escape = escape.after(char);
    }
    Err(escape)
}

/// The length up to the closing quote, with it; whether the text ends with a quote that may be the first half of a
/// pair, if there is none.
fn single(text: &[char]) -> Result<usize, bool> {
    let mut at = 0;
    while let Some(char) = text.get(at) {
        match (char, text.get(at + 1)) {
            ('\'', Some('\'')) => at += 2,
            ('\'', Some(_)) => return Ok(at + 1),
            ('\'', None) => return Err(true),
            _ => at += 1,
        }
    }
    Err(false)
}

/// The style of a text that starts after `|` or `>`. The first line determines the indent, unless the header contains
/// it; the value then may have lines of a lower indent, and nothing is known about it.
fn block(text: &[char]) -> Style {
    let mut lines = text.split(|char| *char == '\n');
    let header = lines.next().unwrap_or_default();
    let is_header = header
        .iter()
        .take_while(|char| **char != '#')
        .all(|char| matches!(char, '+' | '-' | ' ' | '\t' | '\r'));
    let indents = lines.filter_map(|line| line.iter().position(|char| !matches!(char, ' ' | '\r')));
    let mut indents = indents.peekable();
    match indents.peek().copied() {
        Some(indent @ 1..) if is_header && indents.all(|one| one >= indent) => {
            Style::Block { indent }
        }
        _ => Style::Unknown,
    }
}
