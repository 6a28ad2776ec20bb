//! The result of a format's parser.

use std::ops::Range;

use super::key::OrderKey;

/// The result of a format's parser. Ranges are byte offsets in the input.
pub(super) struct Parsed {
    /// The part of the input that is kept. Spaces in it are dropped, except in the Maven format.
    pub(super) text: Range<usize>,
    pub(super) release: Range<usize>,
    pub(super) subject_end: usize,
    pub(super) is_prerelease: bool,
    pub(super) key: OrderKey,
}
