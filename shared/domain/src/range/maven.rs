//! Maven's notation: the union of one or more sets in brackets. A version without brackets is a
//! recommendation; such a range contains **every** version.

use std::cmp::Ordering;

use super::error::{RangeError, RangeFault};
use super::interval::{Interval, Piece, compare_bounds};
use crate::version::VersionFormat;

const FORMAT: VersionFormat = VersionFormat::Maven;

pub(super) fn parse(text: &str) -> Result<Vec<Interval>, RangeError> {
    let mut rest = Piece::whole(text);
    if rest.text.is_empty() {
        return Err(rest.fault(RangeFault::Blank));
    }
    let mut intervals: Vec<Interval> = Vec::new();
    while rest.text.starts_with(['[', '(']) {
        let last = rest
            .text
            .find([']', ')'])
            .ok_or_else(|| rest.fault(RangeFault::Unclosed))?;
        let interval = parse_set(rest.until(last + 1))?;
        if intervals
            .last()
            .is_some_and(|previous| overlaps(previous, &interval))
        {
            return Err(rest.fault(RangeFault::Overlap));
        }
        intervals.push(interval);
        rest = rest.from(last + 1).trim();
        if rest.text.starts_with(',') {
            rest = rest.from(1).trim();
        }
    }
    match (rest.text.is_empty(), intervals.is_empty()) {
        (true, _) => Ok(intervals),
        (false, true) => Ok(vec![Interval {
            lower: None,
            upper: None,
        }]),
        (false, false) => Err(rest.fault(RangeFault::VersionAmongSets)),
    }
}

/// One set, with its brackets.
fn parse_set(set: Piece<'_>) -> Result<Interval, RangeError> {
    let lower_inclusive = set.text.starts_with('[');
    let upper_inclusive = set.text.ends_with(']');
    let inner = set.until(set.text.len() - 1).from(1).trim();
    let Some(comma) = inner.text.find(',') else {
        if inner.text.is_empty() {
            return Err(set.fault(RangeFault::NoBounds));
        }
        if !(lower_inclusive && upper_inclusive) {
            return Err(set.fault(RangeFault::SingleNotInSquareBrackets));
        }
        let bound = inner.bound(FORMAT, true)?;
        return Ok(Interval {
            lower: bound.clone(),
            upper: bound,
        });
    };
    let (below, above) = (inner.until(comma).trim(), inner.from(comma + 1).trim());
    if below.text == above.text {
        let fault = if below.text.is_empty() {
            RangeFault::NoBounds
        } else {
            RangeFault::IdenticalBounds
        };
        return Err(set.fault(fault));
    }
    let lower = below.bound(FORMAT, lower_inclusive)?;
    let upper = above.bound(FORMAT, upper_inclusive)?;
    if compare_bounds(lower.as_ref(), upper.as_ref()) == Some(Ordering::Greater) {
        return Err(above.fault(RangeFault::UpperBelowLower));
    }
    Ok(Interval { lower, upper })
}

/// Whether a set starts before the previous one ends. Maven does not check the sets after one without an
/// upper bound.
fn overlaps(previous: &Interval, next: &Interval) -> bool {
    let Some(end) = previous.upper.as_ref() else {
        return false;
    };
    next.lower
        .as_ref()
        .is_none_or(|start| start.version < end.version)
}
