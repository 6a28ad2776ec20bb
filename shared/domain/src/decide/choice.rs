//! What one source has to offer: the versions of its package that the channel's rule and the trigger's
//! own conditions permit, newest first, and how they stand to the previous release. Where the channel's
//! rule cannot be applied here, the server's answer stands in for it.

mod compare;
mod follow;

use super::eligibility::{Conditions, Eligibility, Judge};
use super::measure::Measure;
use super::offer::Offer;
use super::order::Ranking;
use super::question::{Answer, Answers, Question};
use super::{
    Candidate, Decision, Finding, PackageSnapshot, REPORTED_CANDIDATES, Reason, Situation,
};
use crate::options::{FirstSight, OptionError, VersionConditions};
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
            blocker: None,
        },
        question: None,
    };
    let offer = choosing.offer_of(source);
    choosing.finding.blocker = offer
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
                Reason::TooRecent {
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
        held: &'a PackageSnapshot,
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

    fn report(&mut self, version: &str, eligibility: &Eligibility) {
        if self.finding.candidates.len() < REPORTED_CANDIDATES {
            self.finding.candidates.push(Candidate {
                version: version.to_owned(),
                refused: eligibility.refusal().map(str::to_owned),
            });
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
        if source.selection.versions == VersionConditions::default() {
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
