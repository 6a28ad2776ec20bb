//! Candidates: the versions of a source's package, in order.

use std::cmp::Ordering;

use super::ordering::{CandidateOrder, Position};
use super::refusal::Ineligible;
use crate::snapshot::{Seen, Snapshot};

/// A version of a package with the facts that its snapshot records.
pub(super) struct RankedCandidate<'a> {
    pub(super) text: &'a str,
    pub(super) seen: &'a Seen,
    /// The position in the order, or why it has none.
    pub(super) position: Result<Position, Ineligible>,
}

/// The version that "newer" is relative to.
pub(super) struct Baseline {
    pub(super) text: String,
    /// `None`: it has no position in the order, so every other version is newer.
    pub(super) position: Option<Position>,
}

impl Baseline {
    pub(super) fn compare(&self, candidate: &RankedCandidate<'_>) -> Ordering {
        if candidate.text == self.text {
            return Ordering::Equal;
        }
        candidate
            .position
            .as_ref()
            .ok()
            .cmp(&self.position.as_ref())
    }
}

/// Every version, latest first; versions without a position follow at the end.
pub(super) fn rank<'v>(order: &CandidateOrder, snapshot: &'v Snapshot) -> Vec<RankedCandidate<'v>> {
    let mut ranked: Vec<_> = snapshot
        .versions()
        .map(|(text, seen)| RankedCandidate {
            text,
            seen,
            position: order.position(text, Some(seen)),
        })
        .collect();
    ranked.sort_by(|one, other| {
        let position = other
            .position
            .as_ref()
            .ok()
            .cmp(&one.position.as_ref().ok());
        position.then_with(|| one.text.cmp(other.text))
    });
    ranked
}
