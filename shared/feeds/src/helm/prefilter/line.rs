//! Classifies a line of an index by its start.

/// The start of a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Start<'a> {
    /// White space or a comment.
    Nothing,
    /// A key with no value, or with an empty list.
    Name(Name<'a>),
    /// A dash and the first key of a version.
    Version,
    /// Text without quotes.
    Text,
    /// Anything else, which may continue on lines of any indent.
    Other,
}

/// A key whose value is on the following lines.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Name<'a> {
    pub(super) text: &'a str,
    /// The value is an empty list on the same line.
    pub(super) is_empty: bool,
}

/// The maximum length of a chart's name. YAML allows 1,024 characters.
const MAX_NAME_LENGTH: usize = 250;

/// Whether the line has a larger indent.
pub(super) fn is_deeper(line: &[u8], indent: usize) -> bool {
    line.get(..=indent)
        .is_some_and(|start| start.iter().all(|byte| *byte == b' '))
}

/// The indent of the line, and its start.
pub(super) fn start(line: &[u8]) -> (usize, Start<'_>) {
    let depth = line.iter().take_while(|byte| **byte == b' ').count();
    let rest = line.get(depth..).unwrap_or_default().trim_ascii_end();
    let start = match rest {
        [] | [b'#', ..] => Start::Nothing,
        [b'-', b' ', letter, ..] if letter.is_ascii_alphabetic() => Start::Version,
        _ => match name(rest) {
            Some(name) => Start::Name(name),
            None if rest.first().is_some_and(u8::is_ascii_alphanumeric) => Start::Text,
            None => Start::Other,
        },
    };
    (depth, start)
}

/// Whether the line is a key with a value that ends on this line: one without special characters, or one in
/// quotes.
pub(super) fn is_whole(line: &[u8]) -> bool {
    let Some(colon) = line.iter().position(|byte| *byte == b':') else {
        return false;
    };
    let (name, value) = line.split_at(colon);
    let Some(value) = value.strip_prefix(b": ").map(<[u8]>::trim_ascii) else {
        return false;
    };
    let is_plain = |text: &[u8]| {
        text.iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._:+/-".contains(byte))
    };
    let value = match value {
        [b'"', text @ .., b'"'] | [b'\'', text @ .., b'\''] => text,
        text => text,
    };
    is_plain(name) && is_plain(value)
}

/// A key with the characters of chart names, with or without quotes.
fn name(text: &[u8]) -> Option<Name<'_>> {
    let (quote, text) = match text {
        [quote @ (b'"' | b'\''), text @ ..] => (Some(*quote), text),
        text => (None, text),
    };
    let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"._/-".contains(byte);
    let end = text.iter().take_while(|byte| is_of_name(byte)).count();
    let (name, mut rest) = text.split_at_checked(end)?;
    if let Some(quote) = quote {
        rest = rest.strip_prefix(&[quote])?;
    }
    let is_empty = match rest {
        b":" => false,
        b": []" => true,
        _ => return None,
    };
    let is_name =
        name.first().is_some_and(u8::is_ascii_alphanumeric) && name.len() <= MAX_NAME_LENGTH;
    let text = std::str::from_utf8(name).ok().filter(|_| is_name)?;
    Some(Name { text, is_empty })
}
