//! Release version masks: `1.2.i` is the next release number after the current one.
//!
//! A mask is an optional `v` or `V`, one to four components joined by dots, optionally `-` and a
//! pre-release, optionally `+` and metadata. A component, and any identifier of the other two, may be
//! `i` for the current one plus one or `c` for the current one. Every number without separators other
//! than dots is a mask as well, one that replaces nothing; so the result has a revision if the
//! current version has one.

use std::cmp::Ordering;

use crate::version::{Version, VersionError, VersionFormat};

const INCREMENT: &str = "i";
const CURRENT: &str = "c";

/// The release number of a mask. Text that is not a mask is a plain version.
///
/// # Errors
/// If the result is not a version in the Octopus format.
pub fn apply_mask(mask: &str, current: Option<&str>) -> Result<String, VersionError> {
    let text = match (Mask::read(mask), current) {
        (None, _) => mask.to_owned(),
        (Some(mask), None) => mask.without_current(),
        (Some(mask), Some(current)) => {
            let current = current.replace(' ', "");
            mask.after(&Mask::read(&current).unwrap_or_default())
        }
    };
    Version::parse(VersionFormat::Octopus, &text).map(|version| version.text().to_owned())
}

/// Whether the text is a mask that increments a number, so that each release gets another one.
pub fn is_incrementing(text: &str) -> bool {
    let is_increment = |part: &str| part == INCREMENT;
    Mask::read(text).is_some_and(|mask| {
        let mut numbers = mask.components.iter().flatten();
        let mut tails = mask.tails().flat_map(|(_, tail)| tail.split('.'));
        numbers.any(|part| is_increment(part)) || tails.any(is_increment)
    })
}

/// The current version of a mask: the highest version that agrees with the mask up to its first `i` or `c`; the
/// first of equal ones. Text that is not a mask has none.
pub fn current_for_mask<'v>(
    mask: &str,
    versions: impl IntoIterator<Item = &'v str>,
) -> Option<&'v str> {
    let mask = Mask::read(mask)?;
    let mut highest: Option<(Version, &'v str)> = None;
    for text in versions {
        let Ok(version) = Version::parse(VersionFormat::Octopus, text) else {
            continue;
        };
        let is_higher = highest
            .as_ref()
            .is_none_or(|(best, _)| version.cmp(best) == Ordering::Greater);
        if is_higher && mask.leads_to(version.numbers()) {
            highest = Some((version, text));
        }
    }
    highest.map(|(_, text)| text)
}

/// The parts of a mask or of a version; `None` is an absent part.
#[derive(Default)]
struct Mask<'t> {
    prefix: &'t str,
    components: [Option<&'t str>; 4],
    prerelease: Option<&'t str>,
    metadata: Option<&'t str>,
}

impl<'t> Mask<'t> {
    fn read(text: &'t str) -> Option<Self> {
        if text.contains(char::is_whitespace) {
            return None;
        }
        let (main, metadata) = match text.split_once('+') {
            Some((main, metadata)) => (main, Some(metadata)),
            None => (text, None),
        };
        let (numbers, prerelease) = match main.split_once('-') {
            Some((numbers, prerelease)) => (numbers, Some(prerelease)),
            None => (main, None),
        };
        let body = numbers.strip_prefix(['v', 'V']).unwrap_or(numbers);
        let prefix = &numbers[..numbers.len() - body.len()];
        let mut components = [None; 4];
        for (index, component) in body.split('.').enumerate() {
            let is_component = is_substitute(component)
                || (!component.is_empty() && component.bytes().all(|b| b.is_ascii_digit()));
            *components.get_mut(index).filter(|_| is_component)? = Some(component);
        }
        Some(Self {
            prefix,
            components,
            prerelease,
            metadata,
        })
    }

    fn without_current(&self) -> String {
        let zero = |part: &'t str| if is_substitute(part) { "0" } else { part };
        let numbers: Vec<&str> = self
            .components
            .iter()
            .flatten()
            .map(|part| zero(part))
            .collect();
        let mut text = format!("{}{}", self.prefix, numbers.join("."));
        for (separator, tail) in self.tails() {
            let identifiers: Vec<&str> = tail.split('.').map(zero).collect();
            text = format!("{text}{separator}{}", identifiers.join("."));
        }
        text
    }

    fn after(&self, current: &Mask<'_>) -> String {
        let mut numbers = Vec::new();
        for (index, component) in self.components.iter().enumerate() {
            let before = index
                .checked_sub(1)
                .and_then(|index| self.components[index]);
            let now = current.components[index];
            match component {
                Some(part) if is_substitute(part) && before == Some(INCREMENT) => {
                    numbers.push("0".to_owned());
                }
                Some(part) => numbers.push(substitute(part, now)),
                None if now.is_some() && before.is_some() => numbers.push("0".to_owned()),
                None => {}
            }
        }
        let mut text = format!("{}{}", self.prefix, numbers.join("."));
        for (separator, tail) in self.tails() {
            let now = if separator == '-' {
                current.prerelease
            } else {
                current.metadata
            };
            text = format!("{text}{separator}{}", substitute_identifiers(tail, now));
        }
        text
    }

    /// The pre-release and the metadata, unless empty, with their separators.
    fn tails(&self) -> impl Iterator<Item = (char, &'t str)> {
        [('-', self.prerelease), ('+', self.metadata)]
            .into_iter()
            .filter_map(|(separator, tail)| {
                Some((separator, tail.filter(|tail| !tail.is_empty())?))
            })
    }

    fn leads_to(&self, numbers: [u32; 4]) -> bool {
        for (component, number) in self.components.iter().zip(numbers) {
            match component {
                Some(part) if is_substitute(part) => return true,
                Some(part) if part.parse() != Ok(number) => return false,
                None if number != 0 => return false,
                _ => {}
            }
        }
        true
    }
}

fn is_substitute(part: &str) -> bool {
    part == INCREMENT || part == CURRENT
}

/// A component or identifier with the current one substituted; an absent one or one that is not a number is 0.
fn substitute(part: &str, current: Option<&str>) -> String {
    let current = || {
        current
            .and_then(|text| text.parse::<u64>().ok())
            .unwrap_or(0)
    };
    match part {
        INCREMENT => current().saturating_add(1).to_string(),
        CURRENT => current().to_string(),
        other => other.to_owned(),
    }
}

/// If the last identifier is an `i` or `c` after a dot, the identifiers after an `i` restart at 0.
fn substitute_identifiers(tail: &str, current: Option<&str>) -> String {
    let starts_again = tail
        .rsplit_once('.')
        .is_some_and(|(_, last)| is_substitute(last));
    let mut now = current.unwrap_or_default().split('.');
    let mut before = "";
    let mut identifiers = Vec::new();
    for identifier in tail.split('.') {
        let now = now.next();
        if before == INCREMENT && starts_again {
            identifiers.push("0".to_owned());
        } else {
            identifiers.push(substitute(identifier, now));
        }
        before = identifier;
    }
    identifiers.join(".")
}
