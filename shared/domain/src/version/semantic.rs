//! The Semver format: semantic versions as early NuGet accepted them, with one to four numbers and leading
//! zeros.
//!
//! Order: numbers, then a pre-release below its release, then labels, then metadata as one text without
//! case. Two versions that differ only in metadata are different.

use super::error::{Fault, VersionFault};
use super::key::OrderKey;
use super::parsed::Parsed;

pub(super) fn parse(input: &str) -> Result<Parsed, Fault> {
    let start = input.len() - input.trim_start().len();
    let text = input.trim();
    let body = text.strip_prefix('v').unwrap_or(text);
    let body_start = start + text.len() - body.len();
    if body.trim().is_empty() {
        return Err((body_start, VersionFault::Blank));
    }
    let sections = Sections::of(body);
    let mut key = OrderKey::for_text(body);
    add_numbers(&mut key, sections.numbers, body_start)?;
    let labels_start = body_start + sections.numbers.len() + usize::from(sections.labels.is_some());
    match sections.labels {
        Some(labels) => {
            check_labels(labels, labels_start)?;
            key.labels(labels.split('.'));
        }
        None => key.no_labels(),
    }
    let labels_end = labels_start + sections.labels.map_or(0, str::len);
    if let Some(metadata) = sections.metadata {
        check_labels(metadata, labels_end + 1)?;
        key.text_without_case(metadata);
    }
    let end = start + text.len();
    Ok(Parsed {
        text: start..end,
        release: labels_start..labels_end,
        subject_end: end,
        is_prerelease: sections.labels.is_some(),
        key,
    })
}

struct Sections<'t> {
    numbers: &'t str,
    labels: Option<&'t str>,
    metadata: Option<&'t str>,
}

impl<'t> Sections<'t> {
    /// Up to the first `-` or `+` the numbers; after a `-` the labels, up to the next `+`; after that
    /// the metadata.
    fn of(body: &'t str) -> Self {
        let (main, metadata) = match body.split_once('+') {
            Some((main, metadata)) => (main, Some(metadata)),
            None => (body, None),
        };
        let (numbers, labels) = match main.split_once('-') {
            Some((numbers, labels)) => (numbers, Some(labels)),
            None => (main, None),
        };
        Self {
            numbers,
            labels,
            metadata,
        }
    }
}

/// How many numbers a version has in its key; missing ones are 0.
const NUMBERS: usize = 4;

fn add_numbers(key: &mut OrderKey, numbers: &str, mut offset: usize) -> Result<(), Fault> {
    let mut count = 0;
    for part in numbers.split('.') {
        if count == NUMBERS {
            return Err((offset, VersionFault::TooManyNumbers));
        }
        let digits = part.trim();
        if digits.is_empty() {
            return Err((offset, VersionFault::NumberMissing));
        }
        let digits_at = offset + part.len() - part.trim_start().len();
        if let Some((at, c)) = digits.char_indices().find(|(_, c)| !c.is_ascii_digit()) {
            return Err((digits_at + at, VersionFault::UnexpectedCharacter(c)));
        }
        digits
            .parse::<i32>()
            .map_err(|_| (digits_at, VersionFault::NumberTooLarge))?;
        key.number(digits);
        offset += part.len() + 1;
        count += 1;
    }
    (count..NUMBERS).for_each(|_| key.number("0"));
    Ok(())
}

fn check_labels(labels: &str, mut offset: usize) -> Result<(), Fault> {
    for label in labels.split('.') {
        if label.is_empty() {
            return Err((offset, VersionFault::EmptyLabel));
        }
        if let Some((at, c)) = label.char_indices().find(|(_, c)| !is_label_character(*c)) {
            return Err((offset + at, VersionFault::UnexpectedCharacter(c)));
        }
        offset += label.len() + 1;
    }
    Ok(())
}

fn is_label_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-'
}
