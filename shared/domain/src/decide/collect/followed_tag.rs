//! The options of a source that follows a tag by its digest.

use std::cmp::Ordering;

use super::super::criteria::{Criteria, eligible};
use super::super::decision::Decision;
use super::super::eligibility::{self, Eligibility};
use super::super::reason::Reason;
use super::super::source_options::{EligibleCandidate, SourceOptions};
use super::Collector;

impl<'a> Collector<'_, 'a> {
    /// Adds the tag, compared by its digest with that of the previous release. If that records no digest, the
    /// tag is newer if it was pushed again since.
    pub(super) fn follow(
        &mut self,
        options: &mut SourceOptions<'a>,
        tag: &str,
        criteria: &Criteria<'_, 'a>,
    ) -> Result<(), Decision> {
        let package = options.entry.package.to_string();
        let tag = tag.to_owned();
        let Some(seen) = criteria.package.snapshot.get(&tag) else {
            return Err(Decision::Wait(Reason::FollowedGone { package, tag }, None));
        };
        self.finding.considered = 1;
        let eligibility =
            eligibility::of_followed(&tag, seen, &criteria.rule, &criteria.conditions);
        self.report(&tag, &eligibility);
        if let Eligibility::Undecided(why) = eligibility {
            return Err(self.ask(&criteria.question, format!("{tag}: {why}")));
        }
        let Some(digest) = &seen.digest else {
            return Err(Decision::Wait(Reason::NoDigest { package, tag }, None));
        };
        let released = self
            .situation
            .previous
            .and_then(|release| release.assembled);
        let is_same = match (criteria.previous.as_deref(), options.previous_digest) {
            (None, _) if self.is_baseline() => {
                seen.arrived() <= self.began(&criteria.package.snapshot)
            }
            (Some(previous), Some(before)) if previous == tag => before == digest,
            (Some(previous), None) if previous == tag => {
                let again = seen.pushed_again.zip(released);
                again.is_none_or(|(pushed, released)| pushed <= released)
            }
            _ => false,
        };
        options.is_baseline = is_same && criteria.previous.is_none();
        let compared = if is_same {
            Ordering::Equal
        } else {
            Ordering::Greater
        };
        let digest = Some(digest.clone());
        let found = eligible(&tag, seen, eligibility, compared);
        let found = found.map(|found| EligibleCandidate { digest, ..found });
        options.candidates.extend(found);
        Ok(())
    }
}
