//! The options of a source that is compared by version.

use std::cmp::Ordering;

use super::super::candidate::{Baseline, RankedCandidate, rank};
use super::super::criteria::{Criteria, eligible};
use super::super::decision::Decision;
use super::super::eligibility::Eligibility;
use super::super::finding::REPORTED_CANDIDATES;
use super::super::source_options::SourceOptions;
use super::Collector;
use crate::options::{CatchUp, MAX_COMBINATIONS, When};
use crate::trigger::Source;

impl<'a> Collector<'_, 'a> {
    /// Adds the eligible versions, compared with that of the previous release.
    pub(super) fn compare(
        &mut self,
        options: &mut SourceOptions<'a>,
        source: &Source,
        criteria: &Criteria<'_, 'a>,
    ) -> Result<(), Decision> {
        let snapshot = &criteria.package.snapshot;
        let ranked = rank(&criteria.order, snapshot);
        self.finding.considered = ranked.len();
        let baseline = self.baseline(&ranked, criteria);
        options.is_baseline = criteria.previous.is_none() && baseline.is_some();
        self.add_candidates(options, &ranked, baseline.as_ref(), criteria)?;
        if source.policy.versions.roll_back
            && let Some(previous) = criteria.previous.as_deref()
            && let Some(latest) = options
                .candidates
                .iter_mut()
                .find(|candidate| candidate.too_recent.is_none())
            && latest.compared == Ordering::Less
            && criteria.refuses(previous)
        {
            latest.compared = Ordering::Greater;
            options.is_rolled_back = true;
        }
        options.current = criteria.current();
        Ok(())
    }

    /// The version of the previous release. Without one, and with `firstSight: baseline`: the latest eligible
    /// version that existed before the trigger.
    fn baseline(
        &self,
        ranked: &[RankedCandidate<'_>],
        criteria: &Criteria<'_, 'a>,
    ) -> Option<Baseline> {
        if let Some(text) = criteria.previous.as_deref() {
            let seen = criteria.package.snapshot.get(text);
            let released = self.situation.previous.and_then(|one| one.assembled);
            let position = match seen {
                Some(seen) => criteria.order.position(text, Some(seen)).ok(),
                None => criteria.order.position_of_vanished(text, released),
            };
            return Some(Baseline {
                text: text.to_owned(),
                position,
            });
        }
        if !self.is_baseline() {
            return None;
        }
        let began = self.began(&criteria.package.snapshot);
        let known = ranked.iter().find(|one| {
            one.seen.arrived() <= began
                && matches!(criteria.eligibility(one), Eligibility::Permitted)
        })?;
        Some(Baseline {
            text: known.text.to_owned(),
            position: known.position.clone().ok(),
        })
    }

    /// Checks the candidates against the criteria, newest first, until the trigger's options need no more.
    /// Stops at a candidate that the rule cannot decide: the candidates after it may be older than the right
    /// one, and would cost the same time again.
    fn add_candidates(
        &mut self,
        options: &mut SourceOptions<'a>,
        ranked: &[RankedCandidate<'_>],
        baseline: Option<&Baseline>,
        criteria: &Criteria<'_, 'a>,
    ) -> Result<(), Decision> {
        let extent = self.extent();
        for candidate in ranked {
            let compared = baseline.map_or(Ordering::Greater, |one| one.compare(candidate));
            let latest = options.latest();
            let is_enough = latest.is_some()
                && match extent {
                    Extent::Latest => true,
                    Extent::Newer => baseline.is_none() || compared != Ordering::Greater,
                    Extent::Conditional => {
                        let is_older = baseline.is_some() && compared != Ordering::Greater;
                        is_older || options.candidates.len() >= MAX_COMBINATIONS
                    }
                    Extent::All => false,
                };
            if is_enough && self.finding.candidates.len() >= REPORTED_CANDIDATES {
                break;
            }
            let eligibility = criteria.eligibility(candidate);
            self.report(candidate.text, &eligibility);
            if let Eligibility::Undecided(why) = &eligibility {
                if latest.is_some() {
                    break;
                }
                return Err(self.ask(&criteria.question, format!("{}: {why}", candidate.text)));
            }
            if !is_enough {
                let found = eligible(candidate.text, candidate.seen, eligibility, compared);
                options.candidates.extend(found);
            }
        }
        Ok(())
    }

    fn extent(&self) -> Extent {
        let options = &self.situation.trigger.options;
        match (&options.when, options.catch_up, options.quiet_period) {
            (When::SameVersion { .. } | When::SameLabel { .. }, ..) => Extent::All,
            (_, CatchUp::Newest, _) if options.condition.is_some() => Extent::Conditional,
            (_, CatchUp::Every | CatchUp::NewestPerMinor, _) | (_, _, Some(_)) => Extent::Newer,
            _ => Extent::Latest,
        }
    }
}

/// How many candidates the trigger's options need.
#[derive(Clone, Copy)]
enum Extent {
    /// The latest eligible one.
    Latest,
    /// All that are newer than the previous release; without one, the latest.
    Newer,
    /// As many as a condition is tried on: those that are newer than the previous release; without one, all.
    Conditional,
    /// All that are eligible.
    All,
}
