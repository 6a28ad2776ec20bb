//! The Octopus format, in which releases are numbered, and the Docker format, which is the same with an
//! exception for the tag `latest`.
//!
//! From left to right: white space; a `v` or `V` before a number; up to four numbers joined by dots, white space
//! around each; at most one separator, which is dropped; the release, up to a `+`; the metadata; white space.
//! Numbers are optional, so nearly every tag is a version.
//!
//! Order: numbers, then a release above all of its pre-releases, then the labels of the release, split at any
//! separator. Metadata is ignored.

use std::ops::Range;

use super::cursor::Cursor;
use super::error::{Fault, VersionFault};
use super::key::OrderKey;
use super::parsed::Parsed;

/// The default tag of Docker clients.
const LATEST: &str = "latest";

pub(super) fn parse(input: &str) -> Result<Parsed, Fault> {
    let mut cursor = Cursor::new(input);
    cursor.skip_white();
    let numbers = number_block(&mut cursor);
    let mut key = OrderKey::for_text(input);
    for (offset, digits) in &numbers {
        digits
            .parse::<i32>()
            .map_err(|_| (*offset, VersionFault::NumberTooLarge))?;
        key.number(digits);
    }
    cursor.eat(is_separator);
    let tail = Tail::read(&mut cursor)?;
    let release = &input[tail.release.clone()];
    if release.is_empty() {
        key.no_labels();
    } else {
        key.labels(labels(release));
    }
    Ok(tail.with(input, !release.is_empty(), key))
}

pub(super) fn parse_docker(input: &str) -> Result<Parsed, Fault> {
    let parsed = parse(input)?;
    let is_prerelease = parsed.is_prerelease && input.replace(' ', "") != LATEST;
    Ok(Parsed {
        is_prerelease,
        ..parsed
    })
}

/// The numbers at the start of a text; a number that is missing or does not fit is 0.
pub(super) fn numbers(text: &str) -> [u32; 4] {
    let mut cursor = Cursor::new(text);
    cursor.skip_white();
    number_block(&mut cursor).map(|(_, digits)| digits.parse().unwrap_or(0))
}

/// The separators between a release and its counter, and between the labels of a release.
pub(super) fn is_separator(c: char) -> bool {
    matches!(c, '.' | '-' | '_' | '\\')
}

fn is_release_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || is_separator(c)
}

/// The labels of a release, split at any separator.
pub(super) fn labels(release: &str) -> impl Iterator<Item = &str> {
    release.split(is_separator)
}

/// The release and the metadata, which the Lexicographic format has too.
pub(super) struct Tail {
    pub(super) release: Range<usize>,
    subject_end: usize,
}

impl Tail {
    /// Parses to the end of the text.
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Self, Fault> {
        let start = cursor.at();
        cursor.take_while(is_release_character);
        let release = start..cursor.at();
        let has_metadata = cursor.eat(|c| c == '+')
            && !cursor
                .take_while(|c| is_release_character(c) || c == '+')
                .is_empty();
        let subject_end = if has_metadata {
            cursor.at()
        } else {
            release.end
        };
        cursor.skip_white();
        match cursor.peek() {
            Some(c) => Err((cursor.at(), VersionFault::UnexpectedCharacter(c))),
            None => Ok(Self {
                release,
                subject_end,
            }),
        }
    }

    pub(super) fn with(self, input: &str, is_prerelease: bool, key: OrderKey) -> Parsed {
        Parsed {
            text: 0..input.len(),
            release: self.release,
            subject_end: self.subject_end,
            is_prerelease,
            key,
        }
    }
}

/// The four numbers, each with its offset; missing ones are 0.
fn number_block<'t>(cursor: &mut Cursor<'t>) -> [(usize, &'t str); 4] {
    let mut numbers = [(0, "0"); 4];
    let first = cursor.attempt(|cursor| {
        cursor.eat(|c| matches!(c, 'v' | 'V'));
        number(cursor)
    });
    let Some(first) = first else { return numbers };
    numbers[0] = first;
    for slot in &mut numbers[1..] {
        let next = cursor.attempt(|cursor| {
            if cursor.eat(|c| c == '.') {
                number(cursor)
            } else {
                None
            }
        });
        let Some(next) = next else { break };
        *slot = next;
    }
    numbers
}

/// Digits with white space around them.
fn number<'t>(cursor: &mut Cursor<'t>) -> Option<(usize, &'t str)> {
    cursor.skip_white();
    let at = cursor.at();
    let digits = cursor.take_while(|c| c.is_ascii_digit());
    cursor.skip_white();
    (!digits.is_empty()).then_some((at, digits))
}
