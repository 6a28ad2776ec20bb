//! The compiled criteria that the candidates of one source are checked against.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::candidate::RankedCandidate;
use super::eligibility::{self, Conditions, Eligibility, RuleEvaluator};
use super::ordering::CandidateOrder;
use super::question::Question;
use super::situation::PackageSnapshot;
use super::source_options::EligibleCandidate;
use crate::snapshot::Seen;

pub(super) struct Criteria<'s, 'a> {
    pub(super) order: CandidateOrder,
    pub(super) rule: RuleEvaluator<'s>,
    pub(super) conditions: Conditions,
    pub(super) question: Question,
    pub(super) package: &'a PackageSnapshot,
    /// The version in the previous release.
    pub(super) previous: Option<Cow<'a, str>>,
}

impl Criteria<'_, '_> {
    pub(super) fn eligibility(&self, candidate: &RankedCandidate<'_>) -> Eligibility {
        eligibility::of(candidate, &self.order, &self.rule, &self.conditions)
    }

    /// The version of the previous release, if the feed still lists it and it is eligible.
    pub(super) fn current(&self) -> Option<EligibleCandidate> {
        let text = self.previous.as_deref()?;
        let seen = self.package.snapshot.get(text)?;
        let position = self.order.position(text, Some(seen));
        let eligibility = self.eligibility(&RankedCandidate {
            text,
            seen,
            position,
        });
        eligible(text, seen, eligibility, Ordering::Equal)
    }

    /// Whether the trigger's own conditions refuse a version.
    pub(super) fn refuses(&self, version: &str) -> bool {
        match self.order.part(version) {
            Ok(part) => {
                let eligibility = self.conditions.of_text(version, part);
                matches!(eligibility, Eligibility::Refused(_))
            }
            Err(_) => true,
        }
    }
}

/// The candidate, if a release may select it now or later.
pub(super) fn eligible(
    text: &str,
    seen: &Seen,
    eligibility: Eligibility,
    compared: Ordering,
) -> Option<EligibleCandidate> {
    let too_recent = match eligibility {
        Eligibility::Permitted => None,
        Eligibility::TooRecent(recent) => Some(recent),
        Eligibility::Refused(_) | Eligibility::Undecided(_) => return None,
    };
    Some(EligibleCandidate {
        version: text.to_owned(),
        digest: None,
        arrived: seen.arrived(),
        compared,
        too_recent,
    })
}
