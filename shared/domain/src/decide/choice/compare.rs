//! What the versions of a package have to offer, newest first.

use std::cmp::Ordering;

use super::super::eligibility::{Eligibility, Ranked};
use super::super::measure::{Measure, Reference, pick, rank};
use super::super::offer::Offer;
use super::super::{Decision, REPORTED_CANDIDATES};
use super::Choosing;
use crate::options::{CatchUp, When};
use crate::trigger::Source;

impl<'a> Choosing<'_, 'a> {
    /// Offers versions, compared with that of the previous release.
    pub(super) fn compare(
        &mut self,
        offer: &mut Offer<'a>,
        source: &Source,
        measure: &Measure<'_, 'a>,
    ) -> Result<(), Decision> {
        let snapshot = &measure.held.snapshot;
        let ranked = rank(&measure.ranking, snapshot);
        self.finding.considered = ranked.len();
        let reference = self.reference(&ranked, measure);
        offer.is_baseline = measure.previous.is_none() && reference.is_some();
        self.look(offer, &ranked, reference.as_ref(), measure)?;
        if source.selection.versions.roll_back
            && let Some(previous) = measure.previous
            && let Some(latest) = offer.picks.iter_mut().find(|pick| pick.young.is_none())
            && latest.compared == Ordering::Less
            && measure.refuses(previous)
        {
            latest.compared = Ordering::Greater;
            offer.is_rolled_back = true;
        }
        offer.standing_still = measure.still();
        Ok(())
    }

    /// What "newer" is measured against: the version of the previous release; without one, where what
    /// was there at first counts as known, the latest permitted one of that.
    fn reference(&self, ranked: &[Ranked<'_>], measure: &Measure<'_, 'a>) -> Option<Reference> {
        if let Some(text) = measure.previous {
            let seen = measure.held.snapshot.get(text);
            let released = self.situation.previous.and_then(|one| one.assembled);
            let place = match seen {
                Some(seen) => measure.ranking.place(text, Some(seen)).ok(),
                None => measure.ranking.place_of_vanished(text, released),
            };
            return Some(Reference {
                text: text.to_owned(),
                place,
            });
        }
        if !self.is_baseline() {
            return None;
        }
        let began = self.began(&measure.held.snapshot);
        let known = ranked.iter().find(|one| {
            one.seen.arrived() <= began
                && matches!(measure.eligibility(one), Eligibility::Permitted)
        })?;
        Some(Reference {
            text: known.text.to_owned(),
            place: known.place.clone().ok(),
        })
    }

    /// Holds the candidates against the conditions, newest first, until nobody needs to know more. Where
    /// the rule gives no verdict the look ends: what comes after it may be older than what ought to be
    /// chosen, and would take as long again.
    fn look(
        &mut self,
        offer: &mut Offer<'a>,
        ranked: &[Ranked<'_>],
        reference: Option<&Reference>,
        measure: &Measure<'_, 'a>,
    ) -> Result<(), Decision> {
        let need = self.need();
        for candidate in ranked {
            let compared = reference.map_or(Ordering::Greater, |one| one.compare(candidate));
            let latest = offer.latest();
            let is_enough = latest.is_some()
                && match need {
                    Need::Latest => true,
                    Need::Newer => reference.is_none() || compared != Ordering::Greater,
                    Need::All => false,
                };
            if is_enough && self.finding.candidates.len() >= REPORTED_CANDIDATES {
                break;
            }
            let eligibility = measure.eligibility(candidate);
            self.report(candidate.text, &eligibility);
            if let Eligibility::Undecided(why) = &eligibility {
                if latest.is_some() {
                    break;
                }
                return Err(self.ask(&measure.question, format!("{}: {why}", candidate.text)));
            }
            if !is_enough {
                let found = pick(candidate.text, candidate.seen, eligibility, compared);
                offer.picks.extend(found);
            }
        }
        Ok(())
    }

    /// How far down the candidates anybody has to look.
    fn need(&self) -> Need {
        let options = &self.situation.trigger.options;
        match (&options.when, options.catch_up, options.quiet_period) {
            (When::SameVersion { .. }, ..) => Need::All,
            (_, CatchUp::Every | CatchUp::NewestPerMinor, _) | (_, _, Some(_)) => Need::Newer,
            _ => Need::Latest,
        }
    }
}

/// How many candidates anybody has to know.
#[derive(Clone, Copy)]
enum Need {
    /// The latest permitted one.
    Latest,
    /// All that are newer than in the previous release.
    Newer,
    /// All that are permitted.
    All,
}
