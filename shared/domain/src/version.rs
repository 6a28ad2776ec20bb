//! Versions as Octopus Server parses and orders them, in the five formats that its feeds use.
//!
//! A [`Version`] is parsed once, in one pass over its text and without regular expressions. It contains the
//! text as published and, in the same allocation, an **order key**: comparing two keys byte by byte compares
//! the two versions. Order and equality are therefore total and consistent for every text.
//!
//! Equal versions may have different texts: `v1.2.3` equals `1.2.3`, and most formats ignore build metadata.
//! Sorting newest first with `sort_by(|a, b| b.cmp(a))` keeps equal versions in their previous order.
//!
//! The rules are those of the library `Octopus.Versioning`, with one difference, which the Maven module
//! documents.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

mod cursor;
mod error;
mod format;
mod helm;
mod key;
mod lexicographic;
mod maven;
mod octopus;
mod parsed;
mod semantic;
mod tag;

pub use error::{MAX_VERSION_BYTES, VersionError, VersionFault};
pub use format::VersionFormat;
pub use helm::{HelmTagError, chart_tag, chart_version, parse_helm_tag};
pub use tag::is_version_tag;

use parsed::Parsed;

/// A version that its format accepts. Compare only versions of one format.
#[derive(Clone)]
pub struct Version {
    /// The text, directly followed by the order key.
    text_and_key: Box<str>,
    text_len: u16,
    release_start: u16,
    release_end: u16,
    /// The end of the metadata, or of the release if there is none.
    subject_end: u16,
    format: VersionFormat,
    is_prerelease: bool,
}

impl Version {
    /// Parses a version.
    ///
    /// # Errors
    /// If the format does not accept the text.
    pub fn parse(format: VersionFormat, text: &str) -> Result<Self, VersionError> {
        let parsed = if text.len() > MAX_VERSION_BYTES {
            Err((0, VersionFault::TooLong))
        } else if text.trim().is_empty() {
            Err((0, VersionFault::Blank))
        } else {
            match format {
                VersionFormat::Semver => semantic::parse(text),
                VersionFormat::Docker => octopus::parse_docker(text),
                VersionFormat::Octopus => octopus::parse(text),
                VersionFormat::Lexicographic => lexicographic::parse(text),
                VersionFormat::Maven => Ok(maven::parse(text)),
            }
        };
        parsed
            .map(|parsed| Self::assemble(format, text, &parsed))
            .map_err(|(offset, fault)| VersionError::new(format, text, offset, fault))
    }

    fn assemble(format: VersionFormat, input: &str, parsed: &Parsed) -> Self {
        let source = &input[parsed.text.clone()];
        let text = match format {
            VersionFormat::Maven => Cow::Borrowed(source),
            _ => without_spaces(source),
        };
        // A release and its metadata contain no spaces, so only the spaces before them move them.
        let place = |at: usize| {
            let before = &input[parsed.text.start..at];
            short(if source.len() == text.len() {
                before.len()
            } else {
                before.replace(' ', "").len()
            })
        };
        Self {
            text_len: short(text.len()),
            release_start: place(parsed.release.start),
            release_end: place(parsed.release.end),
            subject_end: place(parsed.subject_end),
            format,
            is_prerelease: parsed.is_prerelease,
            text_and_key: [&text, parsed.key.as_str()].concat().into_boxed_str(),
        }
    }

    /// The text as it was published, without spaces.
    pub fn text(&self) -> &str {
        &self.text_and_key[..usize::from(self.text_len)]
    }

    pub fn format(&self) -> VersionFormat {
        self.format
    }

    pub fn is_prerelease(&self) -> bool {
        self.is_prerelease
    }

    /// Major, minor, patch and revision; missing numbers are 0. A number of a Maven version that does not
    /// fit is the greatest that does; such numbers are for display only.
    pub fn numbers(&self) -> [u32; 4] {
        match self.format {
            VersionFormat::Semver | VersionFormat::Docker | VersionFormat::Octopus => {
                octopus::numbers(self.text())
            }
            VersionFormat::Lexicographic => [0; 4],
            VersionFormat::Maven => maven::numbers(self.text()),
        }
    }

    /// The pre-release text without its separator, which Octopus calls *Release*; empty without one. For
    /// Maven it is the qualifier.
    pub fn release(&self) -> &str {
        &self.text()[usize::from(self.release_start)..usize::from(self.release_end)]
    }

    /// The release's *prefix* and *counter*: the parts before and after its first separator.
    pub fn release_parts(&self) -> (&str, &str) {
        let release = self.release();
        release
            .split_once(octopus::is_separator)
            .unwrap_or((release, ""))
    }

    /// The build metadata without its `+`; empty without any.
    pub fn metadata(&self) -> &str {
        let from_plus = &self.text()[usize::from(self.release_end)..usize::from(self.subject_end)];
        from_plus.strip_prefix('+').unwrap_or(from_plus)
    }

    /// The subject of a version rule's pre-release tag: the pre-release text, followed by `+` and the
    /// metadata if there is any. Empty for a stable version.
    pub fn prerelease_subject(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.text()[usize::from(self.release_start)..usize::from(self.subject_end)])
    }

    fn key(&self) -> &str {
        &self.text_and_key[usize::from(self.text_len)..]
    }
}

/// An offset into a text of at most [`MAX_VERSION_BYTES`].
fn short(offset: usize) -> u16 {
    u16::try_from(offset).unwrap_or(u16::MAX)
}

/// Octopus drops spaces, and no other white space, from the original text.
fn without_spaces(text: &str) -> Cow<'_, str> {
    if text.contains(' ') {
        Cow::Owned(text.replace(' ', ""))
    } else {
        Cow::Borrowed(text)
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.format
            .cmp(&other.format)
            .then_with(|| self.key().cmp(other.key()))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Version {}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({:?})", self.format, self.text())
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}
