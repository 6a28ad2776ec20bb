//! What the candidates of a source are held against: conditions, order, and the version of the previous
//! release.

use std::cmp::Ordering;

use super::PackageSnapshot;
use super::eligibility::{self, Conditions, Eligibility, Judge, Ranked};
use super::offer::Pick;
use super::order::{Place, Ranking};
use super::question::Question;
use crate::snapshot::{Seen, Snapshot};

/// What the candidates of a source are held against.
pub(super) struct Measure<'s, 'a> {
    pub(super) ranking: Ranking,
    pub(super) judge: Judge<'s>,
    pub(super) conditions: Conditions,
    pub(super) question: Question,
    pub(super) held: &'a PackageSnapshot,
    /// The version of the previous release.
    pub(super) previous: Option<&'a str>,
}

impl Measure<'_, '_> {
    pub(super) fn eligibility(&self, candidate: &Ranked<'_>) -> Eligibility {
        eligibility::of(candidate, &self.ranking, &self.judge, &self.conditions)
    }

    /// The version of the previous release, if the feed still has it and it is permitted.
    pub(super) fn still(&self) -> Option<Pick> {
        let text = self.previous?;
        let seen = self.held.snapshot.get(text)?;
        let place = self.ranking.place(text, Some(seen));
        let eligibility = self.eligibility(&Ranked { text, seen, place });
        pick(text, seen, eligibility, Ordering::Equal)
    }

    /// Whether the trigger's own conditions refuse a version.
    pub(super) fn refuses(&self, version: &str) -> bool {
        match self.ranking.part(version) {
            Ok(part) => {
                let eligibility = self.conditions.of_text(version, part);
                matches!(eligibility, Eligibility::Refused(_))
            }
            Err(_) => true,
        }
    }
}

/// What "newer" is measured against.
pub(super) struct Reference {
    pub(super) text: String,
    /// Absent if it stands nowhere: then everything is newer.
    pub(super) place: Option<Place>,
}

impl Reference {
    pub(super) fn compare(&self, candidate: &Ranked<'_>) -> Ordering {
        if candidate.text == self.text {
            return Ordering::Equal;
        }
        candidate.place.as_ref().ok().cmp(&self.place.as_ref())
    }
}

/// Every version, latest first; what stands nowhere comes last.
pub(super) fn rank<'v>(ranking: &Ranking, snapshot: &'v Snapshot) -> Vec<Ranked<'v>> {
    let mut ranked: Vec<_> = snapshot
        .versions()
        .map(|(text, seen)| Ranked {
            text,
            seen,
            place: ranking.place(text, Some(seen)),
        })
        .collect();
    ranked.sort_by(|one, other| {
        let place = other.place.as_ref().ok().cmp(&one.place.as_ref().ok());
        place.then_with(|| one.text.cmp(other.text))
    });
    ranked
}

pub(super) fn pick(
    text: &str,
    seen: &Seen,
    eligibility: Eligibility,
    compared: Ordering,
) -> Option<Pick> {
    let young = match eligibility {
        Eligibility::Permitted => None,
        Eligibility::Young(why, at) => Some((why, at)),
        Eligibility::Refused(_) | Eligibility::Undecided(_) => return None,
    };
    Some(Pick {
        version: text.to_owned(),
        digest: None,
        arrived: seen.arrived(),
        compared,
        young,
    })
}
