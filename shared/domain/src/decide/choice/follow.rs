//! What a followed tag has to offer: the image that it stands for now.

use std::cmp::Ordering;

use super::super::eligibility::{self, Eligibility};
use super::super::measure::{Measure, pick};
use super::super::offer::{Offer, Pick};
use super::super::{Decision, Reason};
use super::Choosing;

impl<'a> Choosing<'_, 'a> {
    /// Offers the tag, compared by its digest with that of the previous release. Where that tells none,
    /// the tag is newer if it was pushed again since.
    pub(super) fn follow(
        &mut self,
        offer: &mut Offer<'a>,
        tag: &str,
        measure: &Measure<'_, 'a>,
    ) -> Result<(), Decision> {
        let package = offer.entry.package.to_string();
        let tag = tag.to_owned();
        let Some(seen) = measure.held.snapshot.get(&tag) else {
            return Err(Decision::Wait(Reason::FollowedGone { package, tag }, None));
        };
        self.finding.considered = 1;
        let eligibility = eligibility::of_followed(&tag, seen, &measure.judge, &measure.conditions);
        self.report(&tag, &eligibility);
        if let Eligibility::Undecided(why) = eligibility {
            return Err(self.ask(&measure.question, format!("{tag}: {why}")));
        }
        let Some(digest) = &seen.digest else {
            return Err(Decision::Wait(Reason::NoDigest { package, tag }, None));
        };
        let released = self
            .situation
            .previous
            .and_then(|release| release.assembled);
        let is_same = match (measure.previous, offer.previous_digest) {
            (None, _) if self.is_baseline() => seen.arrived() <= self.began(&measure.held.snapshot),
            (Some(previous), Some(before)) if previous == tag => before == digest,
            (Some(previous), None) if previous == tag => {
                let again = seen.pushed_again.zip(released);
                again.is_none_or(|(pushed, released)| pushed <= released)
            }
            _ => false,
        };
        offer.is_baseline = is_same && measure.previous.is_none();
        let compared = if is_same {
            Ordering::Equal
        } else {
            Ordering::Greater
        };
        let digest = Some(digest.clone());
        let found = pick(&tag, seen, eligibility, compared);
        offer
            .picks
            .extend(found.map(|found| Pick { digest, ..found }));
        Ok(())
    }
}
