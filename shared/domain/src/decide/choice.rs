//! What one source has to offer: the versions of its package that the channel's rule and the trigger's
//! own conditions permit, newest first, and how they stand to the previous release. Where the channel's
//! rule cannot be applied here, the server's answer stands in for it.

use std::cmp::Ordering;

use super::measure::{Measure, Reference, pick, rank};
use super::offer::{Offer, Pick};
use super::order::Ranking;
use super::question::{Answer, Answers, Question};
use super::standing::{self, Conditions, Judge, Ranked, Standing};
use super::{Candidate, Decision, Finding, Held, REPORTED_CANDIDATES, Reason, Situation};
use crate::options::{CatchUp, FirstSight, OptionError, VersionSelection, When};
use crate::process::{TemplatePackage, rule_for};
use crate::snapshot::Snapshot;
use crate::time::Timestamp;
use crate::trigger::{ResolvedSource, Source};

/// A source with what it has to offer, or the decision that it forces.
pub(super) struct Choice<'a> {
    pub(super) finding: Finding,
    /// What the offer hangs on, if only the server can tell it and was not asked yet.
    pub(super) question: Option<Question>,
    pub(super) offer: Result<Offer<'a>, Decision>,
}

pub(super) fn choose<'a>(
    situation: &Situation<'a>,
    answers: &Answers,
    source: &'a Source,
) -> Choice<'a> {
    let mut choosing = Choosing {
        situation,
        answers,
        finding: Finding {
            reference: source.reference.clone(),
            package: None,
            previous: None,
            latest: None,
            digest: None,
            candidates: Vec::new(),
            considered: 0,
            obstacle: None,
        },
        question: None,
    };
    let offer = choosing.offer_of(source);
    choosing.finding.obstacle = offer
        .as_ref()
        .err()
        .map(|decision| decision.reason().to_string());
    Choice {
        finding: choosing.finding,
        question: choosing.question,
        offer,
    }
}

/// A choice that is being made, with what is found on the way.
struct Choosing<'s, 'a> {
    situation: &'s Situation<'a>,
    answers: &'s Answers,
    finding: Finding,
    question: Option<Question>,
}

impl<'s, 'a> Choosing<'s, 'a> {
    fn offer_of(&mut self, source: &'a Source) -> Result<Offer<'a>, Decision> {
        let resolved = source
            .resolution
            .as_ref()
            .map_err(|why| unresolved(source, why.clone()))?;
        let package = resolved.package.package.to_string();
        self.finding.package = Some(package.clone());
        let entry = self.entry(source, resolved)?;
        let previous = self.previous(entry);
        self.finding.previous = previous.map(str::to_owned);
        let held = self.situation.packages.get(&resolved.package);
        let held = held.ok_or_else(|| {
            let package = package.clone();
            Decision::Wait(Reason::NotRead { package }, None)
        })?;
        let question = Question {
            package: resolved.package.clone(),
            rule: rule_for(self.situation.rules, entry),
        };
        let measure = self.measure(source, held, question, previous)?;
        let mut offer = Offer {
            entry,
            held,
            previous,
            previous_digest: self.previous_digest(entry),
            picks: Vec::new(),
            standing_still: None,
            is_baseline: false,
            is_rolled_back: false,
            is_followed: source.selection.follow.is_some(),
        };
        match &source.selection.follow {
            Some(tag) => self.follow(&mut offer, tag, &measure)?,
            None => self.compare(&mut offer, source, &measure)?,
        }
        let latest = offer.latest();
        self.finding.latest = latest.map(|pick| pick.version.clone());
        self.finding.digest = latest.and_then(|pick| pick.digest.clone());
        match (offer.picks.is_empty(), latest, offer.ripens()) {
            (true, ..) => Err(nothing_permitted(source, package)),
            (false, None, Some((pick, why, at))) => Err(Decision::Wait(
                Reason::TooYoung {
                    package: entry.package.to_string(),
                    version: pick.version.clone(),
                    why: why.to_owned(),
                },
                Some(at),
            )),
            _ => Ok(offer),
        }
    }

    fn entry(
        &self,
        source: &Source,
        resolved: &ResolvedSource,
    ) -> Result<&'a TemplatePackage, Decision> {
        self.situation
            .template
            .packages
            .iter()
            .find(|entry| entry.is(&resolved.action_name, &source.reference.package_reference))
            .filter(|entry| entry.package == resolved.package.package)
            .ok_or_else(|| {
                let why = "the process has changed; it is read again within minutes";
                unresolved(source, why.to_owned())
            })
    }

    fn previous(&self, entry: &TemplatePackage) -> Option<&'a str> {
        let selected = &self.situation.previous?.selected;
        selected
            .iter()
            .find(|(action, reference, _)| entry.is(action, reference))
            .map(|(_, _, version)| version.as_str())
    }

    fn previous_digest(&self, entry: &TemplatePackage) -> Option<&'a str> {
        let digests = &self.situation.previous?.digests;
        digests
            .iter()
            .find(|one| entry.is(&one.action_name, &one.package_reference))
            .map(|one| one.digest.as_str())
    }

    fn measure(
        &mut self,
        source: &Source,
        held: &'a Held,
        question: Question,
        previous: Option<&'a str>,
    ) -> Result<Measure<'s, 'a>, Decision> {
        let format = held.format();
        let options = &self.situation.trigger.options;
        let wrong = |error: OptionError| {
            let package = question.package.package.to_string();
            Decision::Refuse(Reason::InvalidOption {
                package: Some(package),
                error,
            })
        };
        let selection = &source.selection;
        let ranking = Ranking::new(format, selection, question.rule.strategy).map_err(wrong)?;
        let now = self.situation.now;
        let conditions = Conditions::new(format, selection, options.minimum_age, now);
        let conditions = conditions.map_err(wrong)?;
        let answers = self.answers;
        let judge = match answers.to(&question) {
            Some(Answer::Permitted(versions)) => Judge::Server(question.rule.clone(), versions),
            _ => match question.rule.compile(format) {
                Ok(compiled) => Judge::Here(Box::new(compiled)),
                Err(error) if error.is_not_evaluable() => {
                    return Err(self.ask(&question, error.to_string()));
                }
                Err(error) => return Err(invalid_rule(&question, error.to_string())),
            },
        };
        Ok(Measure {
            ranking,
            judge,
            conditions,
            question,
            held,
            previous,
        })
    }

    /// Offers the tag, compared by its digest with that of the previous release. Where that tells none,
    /// the tag is newer if it was pushed again since.
    fn follow(
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
        let standing = standing::of_followed(&tag, seen, &measure.judge, &measure.conditions);
        self.report(&tag, &standing);
        if let Standing::Undecided(why) = standing {
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
        let found = pick(&tag, seen, standing, compared);
        offer
            .picks
            .extend(found.map(|found| Pick { digest, ..found }));
        Ok(())
    }

    /// Offers versions, compared with that of the previous release.
    fn compare(
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
            one.seen.arrived() <= began && matches!(measure.standing(one), Standing::Permitted)
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
            let standing = measure.standing(candidate);
            self.report(candidate.text, &standing);
            if let Standing::Undecided(why) = &standing {
                if latest.is_some() {
                    break;
                }
                return Err(self.ask(&measure.question, format!("{}: {why}", candidate.text)));
            }
            if !is_enough {
                let found = pick(candidate.text, candidate.seen, standing, compared);
                offer.picks.extend(found);
            }
        }
        Ok(())
    }

    fn report(&mut self, version: &str, standing: &Standing) {
        if self.finding.candidates.len() < REPORTED_CANDIDATES {
            self.finding.candidates.push(Candidate {
                version: version.to_owned(),
                refused: standing.refusal().map(str::to_owned),
            });
        }
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

    fn is_baseline(&self) -> bool {
        self.situation.trigger.options.first_sight == FirstSight::Baseline
    }

    /// Until when what came counts as there from the beginning.
    fn began(&self, snapshot: &Snapshot) -> Timestamp {
        let first = snapshot.versions().map(|(_, seen)| seen.first_seen).min();
        self.situation.trigger.since.max(first.unwrap_or_default())
    }

    /// What cannot be told here becomes a question. Until it is answered, and if it cannot be, the
    /// trigger is refused.
    fn ask(&mut self, question: &Question, why: String) -> Decision {
        match self.answers.to(question) {
            Some(Answer::Unanswerable(neither)) => {
                invalid_rule(question, format!("{why}; Octopus cannot tell: {neither}"))
            }
            Some(Answer::Permitted(_)) => invalid_rule(question, why),
            None => {
                self.question = Some(question.clone());
                invalid_rule(question, why)
            }
        }
    }
}

fn nothing_permitted(source: &Source, package: String) -> Decision {
    Decision::Skip(
        if source.selection.versions == VersionSelection::default() {
            Reason::NothingPermitted { package }
        } else {
            Reason::NothingSelected { package }
        },
    )
}

fn unresolved(source: &Source, why: String) -> Decision {
    let reference = source.reference.clone();
    Decision::Wait(Reason::Unresolved { reference, why }, None)
}

fn invalid_rule(question: &Question, error: String) -> Decision {
    Decision::Refuse(Reason::InvalidRule {
        package: question.package.package.to_string(),
        error,
    })
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
