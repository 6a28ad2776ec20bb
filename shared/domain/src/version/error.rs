//! Why a text is no version.

use super::VersionFormat;

/// How much of a text an error repeats, in characters: enough to recognise it by.
const SHOWN_CHARS: usize = 80;

/// A text that its format does not accept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no {format} version: {fault} (byte {offset})")]
pub struct VersionError {
    /// The text, shortened if it is long.
    pub text: String,
    /// The format that was asked for.
    pub format: VersionFormat,
    /// The byte at which it went wrong.
    pub offset: usize,
    /// What is wrong.
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

/// What is wrong with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VersionFault {
    /// Nothing, or nothing but white space.
    #[error("it is blank")]
    Blank,
    /// Longer than [`super::MAX_VERSION_BYTES`].
    #[error("it is longer than {} bytes", super::MAX_VERSION_BYTES)]
    TooLong,
    /// No digits where a number has to be.
    #[error("a number is missing")]
    NumberMissing,
    /// Above 2147483647.
    #[error("the number is above {}", i32::MAX)]
    NumberTooLarge,
    /// More than four numbers.
    #[error("there are more than four numbers")]
    TooManyNumbers,
    /// Nothing between two separators, or after the last.
    #[error("a label is empty")]
    EmptyLabel,
    /// A character that has no place here.
    #[error("the character {0:?} is not allowed here")]
    UnexpectedCharacter(char),
}

/// A fault and the byte at which it lies.
pub(super) type Fault = (usize, VersionFault);
