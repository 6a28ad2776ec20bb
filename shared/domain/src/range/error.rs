//! Errors of ranges.

use crate::version::VersionError;

/// A text that is not a range, or a range that cannot be evaluated locally.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{fault} (byte {offset})")]
pub struct RangeError {
    /// The byte of the text at which the error is.
    pub offset: usize,
    pub fault: RangeFault,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RangeFault {
    #[error("it is blank")]
    Blank,
    #[error("a closing bracket is missing; end the range with `]` or `)`")]
    Unclosed,
    #[error("there is text after the closing bracket")]
    Trailing,
    /// `(1.0)` and similar.
    #[error("a single version needs square brackets, as in [1.0]")]
    SingleNotInSquareBrackets,
    /// `(,)`.
    #[error("it needs a lower or an upper bound")]
    NoBounds,
    #[error("it has more than two bounds")]
    TooManyBounds,
    /// The same version twice, so that the range contains no version.
    #[error("its bounds are the same, so it contains no version")]
    IdenticalBounds,
    #[error("its upper bound is below its lower bound")]
    UpperBelowLower,
    /// Maven sets that overlap or are not in rising order.
    #[error("its sets overlap or are not in rising order")]
    Overlap,
    /// A Maven version next to sets.
    #[error("a version next to sets needs brackets, too")]
    VersionAmongSets,
    /// NuGet's floating versions.
    #[error("floating versions cannot be evaluated locally; write the range with brackets")]
    Floating,
    /// A bound that is not a version of the feed's format.
    #[error("a bound is invalid: {0}")]
    Version(VersionError),
}

impl RangeError {
    pub(super) fn new(offset: usize, fault: RangeFault) -> Self {
        Self { offset, fault }
    }

    /// Whether the server may accept the range although it cannot be evaluated locally.
    pub fn is_not_evaluable(&self) -> bool {
        self.fault == RangeFault::Floating
    }
}
