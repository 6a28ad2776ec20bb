//! Errors of versions.

use super::format::VersionFormat;

/// The longest version, in bytes. Registries allow 128 for a tag and Octopus 349 for a release; longer texts
/// are not versions.
pub const MAX_VERSION_BYTES: usize = 1024;

/// How much of a text an error repeats, in characters: enough to recognise it.
const SHOWN_CHARS: usize = 80;

/// A text that its format does not accept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a version in the {format} format: {fault} (byte {offset})")]
pub struct VersionError {
    /// The text, shortened if it is long.
    pub text: String,
    pub format: VersionFormat,
    /// The byte of the text at which the error is.
    pub offset: usize,
    pub fault: VersionFault,
}

impl VersionError {
    pub(super) fn new(
        format: VersionFormat,
        text: &str,
        offset: usize,
        fault: VersionFault,
    ) -> Self {
        Self {
            text: text.chars().take(SHOWN_CHARS).collect(),
            format,
            offset,
            fault,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VersionFault {
    /// No text, or only white space.
    #[error("it is blank")]
    Blank,
    #[error("it is longer than {MAX_VERSION_BYTES} bytes")]
    TooLong,
    /// No digits at the place of a number.
    #[error("a number is missing")]
    NumberMissing,
    /// Above 2147483647.
    #[error("the number is above {}", i32::MAX)]
    NumberTooLarge,
    #[error("there are more than four numbers")]
    TooManyNumbers,
    /// No text between two separators, or after the last one.
    #[error("a label is empty")]
    EmptyLabel,
    #[error("the character {0:?} is not allowed here")]
    UnexpectedCharacter(char),
}

/// An error and the byte at which it is.
pub(super) type Fault = (usize, VersionFault);
