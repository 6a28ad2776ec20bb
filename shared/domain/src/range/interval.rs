//! The versions between two bounds.

use std::cmp::Ordering;

use super::error::{RangeError, RangeFault};
use crate::version::{Version, VersionFormat};

/// The versions between two bounds; without a bound, all versions on that side.
#[derive(Clone, Debug)]
pub(super) struct Interval {
    pub(super) lower: Option<Bound>,
    pub(super) upper: Option<Bound>,
}

#[derive(Clone, Debug)]
pub(super) struct Bound {
    pub(super) version: Version,
    pub(super) is_inclusive: bool,
}

impl Interval {
    pub(super) fn contains(&self, version: &Version) -> bool {
        let above = self
            .lower
            .as_ref()
            .is_none_or(|bound| bound.admits(version, Ordering::Greater));
        let below = self
            .upper
            .as_ref()
            .is_none_or(|bound| bound.admits(version, Ordering::Less));
        above && below
    }
}

impl Bound {
    /// Whether the version is on the given side of the bound, or equal to an inclusive bound.
    fn admits(&self, version: &Version, side: Ordering) -> bool {
        match version.cmp(&self.version) {
            Ordering::Equal => self.is_inclusive,
            other => other == side,
        }
    }
}

/// The order of the bounds, if there are two.
pub(super) fn compare_bounds(lower: Option<&Bound>, upper: Option<&Bound>) -> Option<Ordering> {
    Some(lower?.version.cmp(&upper?.version))
}

/// A piece of a range's text with its offset in the whole text.
#[derive(Clone, Copy)]
pub(super) struct Piece<'t> {
    pub(super) text: &'t str,
    pub(super) offset: usize,
}

impl<'t> Piece<'t> {
    pub(super) fn whole(text: &'t str) -> Self {
        Self { text, offset: 0 }.trim()
    }

    pub(super) fn from(self, start: usize) -> Self {
        Self {
            text: &self.text[start..],
            offset: self.offset + start,
        }
    }

    pub(super) fn until(self, end: usize) -> Self {
        Self {
            text: &self.text[..end],
            offset: self.offset,
        }
    }

    pub(super) fn trim(self) -> Self {
        let start = self.text.len() - self.text.trim_start().len();
        Self {
            text: self.text.trim(),
            offset: self.offset + start,
        }
    }

    /// A range error here.
    pub(super) fn fault(self, fault: RangeFault) -> RangeError {
        RangeError::new(self.offset, fault)
    }

    /// This piece as a bound; without text there is none.
    pub(super) fn bound(
        self,
        format: VersionFormat,
        is_inclusive: bool,
    ) -> Result<Option<Bound>, RangeError> {
        if self.text.is_empty() {
            return Ok(None);
        }
        let version = Version::parse(format, self.text).map_err(|error| {
            RangeError::new(self.offset + error.offset, RangeFault::Version(error))
        })?;
        Ok(Some(Bound {
            version,
            is_inclusive,
        }))
    }
}
