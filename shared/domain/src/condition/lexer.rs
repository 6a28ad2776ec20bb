//! The words of an expression, for the check of its names. The expression was parsed before, so it is valid.

/// A word with its position in the text, in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word<'t> {
    pub(super) kind: WordKind<'t>,
    pub(super) start: usize,
    pub(super) end: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WordKind<'t> {
    Name(&'t str),
    /// The content of a text literal.
    Literal(&'t str),
    Number,
    Sign(char),
}

/// The words of an expression.
pub(super) fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut start = 0;
    while let Some(first) = text[start..].chars().next() {
        let rest = &text[start..];
        let length = match first {
            '"' | '\'' => literal_length(rest, first),
            _ if is_name(first) => rest.find(|c| !is_name(c)).unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        let end = start + length;
        let word = &text[start..end];
        let kind = match first {
            '"' | '\'' => WordKind::Literal(word.trim_matches(first)),
            _ if first.is_ascii_digit() => WordKind::Number,
            _ if is_name(first) => WordKind::Name(word),
            _ => WordKind::Sign(first),
        };
        if !first.is_whitespace() {
            words.push(Word { kind, start, end });
        }
        start = end;
    }
    words
}

fn is_name(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// The length of a text literal with its quotes.
fn literal_length(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (index, c) in text.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            _ if c == quote => return index + 1,
            _ => {}
        }
    }
    text.len()
}
