//! Version ranges of channel rules: intervals in a feed's order of versions.
//!
//! Maven feeds use Maven's notation, a union of sets; every other feed uses NuGet's, one interval. Both are
//! plain intervals, so a range contains the pre-releases of its excluded upper bound: `[1.0,2.0)` contains
//! `2.0-beta`.

mod error;
mod interval;
mod maven;
mod notation;
mod nuget;

use interval::Interval;

pub use error::{RangeError, RangeFault};
pub use notation::foreign_notation;

use crate::version::{Version, VersionFormat};

/// A range of versions of one format.
#[derive(Clone, Debug)]
pub struct VersionRange {
    /// In rising order, without overlaps.
    intervals: Vec<Interval>,
}

impl VersionRange {
    /// Parses a range in the notation of the format.
    ///
    /// # Errors
    /// If the text is not a range. NuGet's floating versions (`1.*`) are an error of their own: only the
    /// server can evaluate them.
    pub fn parse(format: VersionFormat, text: &str) -> Result<Self, RangeError> {
        let intervals = match format {
            VersionFormat::Maven => maven::parse(text)?,
            _ => vec![nuget::parse(format, text)?],
        };
        Ok(Self { intervals })
    }

    /// Whether the range contains the version, which must be of the range's own format.
    pub fn contains(&self, version: &Version) -> bool {
        self.intervals
            .iter()
            .any(|interval| interval.contains(version))
    }
}
