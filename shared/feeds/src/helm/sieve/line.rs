//! What a line of an index starts, seen by itself.

/// What comes first in a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Start<'a> {
    /// Nothing but white space or a comment.
    Nothing,
    /// A name with nothing after it, or with an empty list.
    Name(Name<'a>),
    /// A dash and the first name of a version.
    Version,
    /// Text without quotes.
    Text,
    /// Anything else, which may go on over lines of any indent.
    Other,
}

/// A name whose value is on the lines that follow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Name<'a> {
    pub(super) text: &'a str,
    /// Its value is an empty list and stands in the line.
    pub(super) is_empty: bool,
}

/// Longer names are no charts'. YAML itself stops at 1,024 characters.
const LONGEST_NAME: usize = 250;

/// Whether the line is indented by more than that.
pub(super) fn is_deeper(line: &[u8], indent: usize) -> bool {
    line.get(..=indent)
        .is_some_and(|start| start.iter().all(|byte| *byte == b' '))
}

/// The indent of the line and what it starts.
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

/// Whether the line is a name and a value that ends with it: one without anything that has a meaning, or
/// one in plain quotes.
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

/// A name in letters, digits and what else charts have in theirs, quoted or not.
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
    let is_name = name.first().is_some_and(u8::is_ascii_alphanumeric) && name.len() <= LONGEST_NAME;
    let text = std::str::from_utf8(name).ok().filter(|_| is_name)?;
    Some(Name { text, is_empty })
}
