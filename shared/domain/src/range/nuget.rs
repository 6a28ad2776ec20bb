//! NuGet's notation: `X` (X or later), `[X]`, `[X,Y]`, `(X,Y)`, mixed brackets, either side empty.

use std::cmp::Ordering;

use super::error::{RangeError, RangeFault};
use super::interval::{Interval, Piece, compare_bounds};
use crate::version::VersionFormat;

pub(super) fn parse(format: VersionFormat, text: &str) -> Result<Interval, RangeError> {
    let piece = Piece::whole(text);
    if piece.text.is_empty() {
        return Err(piece.fault(RangeFault::Blank));
    }
    if let Some(at) = piece.text.find('*') {
        return Err(piece.from(at).fault(RangeFault::Floating));
    }
    if !piece.text.starts_with(['[', '(']) {
        return Ok(Interval {
            lower: piece.bound(format, true)?,
            upper: None,
        });
    }
    let Some(last) = piece.text.find([']', ')']) else {
        return Err(piece.fault(RangeFault::Unclosed));
    };
    if last + 1 < piece.text.len() {
        return Err(piece.from(last + 1).fault(RangeFault::Trailing));
    }
    let lower_inclusive = piece.text.starts_with('[');
    let upper_inclusive = piece.text.ends_with(']');
    let inner = piece.until(last).from(1);
    let Some(comma) = inner.text.find(',') else {
        return single(format, inner, lower_inclusive && upper_inclusive);
    };
    let (below, above) = (inner.until(comma).trim(), inner.from(comma + 1).trim());
    if let Some(second) = above.text.find(',') {
        return Err(above.from(second).fault(RangeFault::TooManyBounds));
    }
    let lower = below.bound(format, lower_inclusive)?;
    let upper = above.bound(format, upper_inclusive)?;
    match compare_bounds(lower.as_ref(), upper.as_ref()) {
        Some(Ordering::Greater) => Err(above.fault(RangeFault::UpperBelowLower)),
        Some(Ordering::Equal) if lower_inclusive != upper_inclusive => {
            Err(above.fault(RangeFault::IdenticalBounds))
        }
        _ if lower.is_none() && upper.is_none() => Err(piece.fault(RangeFault::NoBounds)),
        _ => Ok(Interval { lower, upper }),
    }
}

fn single(
    format: VersionFormat,
    piece: Piece<'_>,
    in_square_brackets: bool,
) -> Result<Interval, RangeError> {
    let piece = piece.trim();
    if piece.text.is_empty() {
        return Err(piece.fault(RangeFault::NoBounds));
    }
    if !in_square_brackets {
        return Err(piece.fault(RangeFault::SingleNotInSquareBrackets));
    }
    let bound = piece.bound(format, true)?;
    Ok(Interval {
        lower: bound.clone(),
        upper: bound,
    })
}
