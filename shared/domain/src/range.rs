//! Version ranges of channel rules: intervals on a feed's order of versions.
//!
//! Maven feeds take Maven's notation, a union of sets; every other feed takes NuGet's, one interval.
//! Both are pure interval logic, so a pre-release of an excluded upper bound lies **inside**:
//! `[1.0,2.0)` holds `2.0-beta`.

use std::cmp::Ordering;

use crate::version::{Version, VersionError, VersionFormat};

mod maven;
mod nuget;

/// A range of versions of one format.
#[derive(Clone, Debug)]
pub struct VersionRange {
    /// In rising order, none overlapping the next.
    intervals: Vec<Interval>,
}

/// The versions between two bounds; without a bound, all on that side.
#[derive(Clone, Debug)]
struct Interval {
    lower: Option<Bound>,
    upper: Option<Bound>,
}

#[derive(Clone, Debug)]
struct Bound {
    version: Version,
    is_inclusive: bool,
}

impl VersionRange {
    /// Reads a range in the notation of the format.
    ///
    /// # Errors
    /// What is wrong, and at which byte. NuGet's floating versions (`1.*`) are an error of their own:
    /// only the server can say what it makes of them.
    pub fn parse(format: VersionFormat, text: &str) -> Result<Self, RangeError> {
        let intervals = match format {
            VersionFormat::Maven => maven::parse(text)?,
            _ => vec![nuget::parse(format, text)?],
        };
        Ok(Self { intervals })
    }

    /// Whether the version, which must be of the range's own format, lies inside.
    pub fn contains(&self, version: &Version) -> bool {
        self.intervals
            .iter()
            .any(|interval| interval.contains(version))
    }
}

impl Interval {
    fn contains(&self, version: &Version) -> bool {
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
    /// Whether the version lies on the given side of the bound, or on an inclusive bound itself.
    fn admits(&self, version: &Version, side: Ordering) -> bool {
        match version.cmp(&self.version) {
            Ordering::Equal => self.is_inclusive,
            other => other == side,
        }
    }
}

/// A text that is no range, or none that can be evaluated here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{fault} (byte {offset})")]
pub struct RangeError {
    /// The byte at which it went wrong.
    pub offset: usize,
    /// What is wrong.
    pub fault: RangeFault,
}

/// What is wrong with a range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RangeFault {
    /// No text at all.
    #[error("it is blank")]
    Blank,
    /// A set that no bracket ends.
    #[error("a bracket is never closed")]
    Unclosed,
    /// Text behind the closing bracket.
    #[error("there is more behind the closing bracket")]
    Trailing,
    /// `(1.0)` and the like.
    #[error("a single version must stand in square brackets, as in [1.0]")]
    SingleNotInSquareBrackets,
    /// `(,)`.
    #[error("it needs a lower or an upper bound")]
    NoBounds,
    /// More than one comma.
    #[error("it has more than two bounds")]
    TooManyBounds,
    /// The same version twice, so that the range holds nothing.
    #[error("its bounds are the same, so it holds no version")]
    IdenticalBounds,
    /// The bounds in the wrong order.
    #[error("its upper bound is below its lower bound")]
    UpperBelowLower,
    /// Maven sets that overlap or do not rise.
    #[error("its sets overlap or are not in rising order")]
    Overlap,
    /// A Maven version next to sets.
    #[error("next to sets in brackets a version must stand in brackets, too")]
    VersionAmongSets,
    /// NuGet's floating versions.
    #[error("floating versions cannot be evaluated locally; write the range with brackets")]
    Floating,
    /// A bound that is no version of the feed's format.
    #[error("a bound is wrong: {0}")]
    Version(VersionError),
}

impl RangeError {
    fn new(offset: usize, fault: RangeFault) -> Self {
        Self { offset, fault }
    }

    /// Whether the range may be fine for the server, and just cannot be evaluated here.
    pub fn is_not_evaluable(&self) -> bool {
        self.fault == RangeFault::Floating
    }
}

/// A piece of a range's text, which knows its place in the whole.
#[derive(Clone, Copy)]
struct Piece<'t> {
    text: &'t str,
    offset: usize,
}

impl<'t> Piece<'t> {
    fn whole(text: &'t str) -> Self {
        Self { text, offset: 0 }.trim()
    }

    fn from(self, start: usize) -> Self {
        Self {
            text: &self.text[start..],
            offset: self.offset + start,
        }
    }

    fn until(self, end: usize) -> Self {
        Self {
            text: &self.text[..end],
            offset: self.offset,
        }
    }

    fn trim(self) -> Self {
        let start = self.text.len() - self.text.trim_start().len();
        Self {
            text: self.text.trim(),
            offset: self.offset + start,
        }
    }

    /// A range error here.
    fn fault(self, fault: RangeFault) -> RangeError {
        RangeError::new(self.offset, fault)
    }

    /// This piece as a bound; without text there is none.
    fn bound(self, format: VersionFormat, is_inclusive: bool) -> Result<Option<Bound>, RangeError> {
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

/// How the bounds lie to each other, where there are two.
fn compare_bounds(lower: Option<&Bound>, upper: Option<&Bound>) -> Option<Ordering> {
    Some(lower?.version.cmp(&upper?.version))
}
