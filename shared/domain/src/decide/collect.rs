//! Collects the options of one source: the versions of its package that the channel's rule and the trigger's
//! conditions permit, newest first, compared with the previous release. Where the channel's rule cannot be
//! evaluated locally, the server's answer replaces it.

mod followed_tag;
mod previous;
mod versions;

use std::borrow::Cow;

use super::criteria::Criteria;
use super::decision::Decision;
use super::eligibility::{Conditions, Eligibility, RuleEvaluator};
use super::finding::{Candidate, Finding, REPORTED_CANDIDATES};
use super::ordering::CandidateOrder;
use super::question::{Answer, Answers, Question};
use super::reason::Reason;
use super::refusal::Ineligible;
use super::situation::{PackageSnapshot, Situation};
use super::source_options::SourceOptions;
use crate::ids::PackageKey;
use crate::options::{FirstSight, OptionError, VersionConditions};
use crate::problem::Problem;
use crate::process::{TemplatePackage, rule_for};
use crate::snapshot::Snapshot;
use crate::time::Timestamp;
use crate::trigger::{ResolvedSource, Source};

/// A source with its options, or the decision that it forces.
pub(super) struct CollectedSource<'a> {
    pub(super) finding: Finding,
    /// A fact that the options depend on, if only the server knows it and was not asked yet.
    pub(super) question: Option<Question>,
    pub(super) options: Result<SourceOptions<'a>, Decision>,
}

pub(super) fn collect<'a>(
    situation: &Situation<'a>,
    answers: &Answers,
    source: &'a Source,
) -> CollectedSource<'a> {
    let mut collector = Collector {
        situation,
        answers,
        finding: Finding::new(source.reference.clone()),
        question: None,
    };
    let options = collector.options_of(source);
    let blocker = options.as_ref().err().map(Decision::reason);
    collector.finding.blocker = blocker.map(ToString::to_string);
    collector.finding.blocker_code = blocker.map(|reason| reason.details().code);
    CollectedSource {
        finding: collector.finding,
        question: collector.question,
        options,
    }
}

struct Collector<'s, 'a> {
    situation: &'s Situation<'a>,
    answers: &'s Answers,
    finding: Finding,
    question: Option<Question>,
}

impl<'s, 'a> Collector<'s, 'a> {
    fn options_of(&mut self, source: &'a Source) -> Result<SourceOptions<'a>, Decision> {
        let resolved = source
            .resolution
            .as_ref()
            .map_err(|why| unresolved(source, why.clone()))?;
        let package = resolved.package.package.to_string();
        self.finding.package = Some(package.clone());
        let entry = self.entry(source, resolved)?;
        let snapshot = self.situation.packages.get(&resolved.package);
        let previous = self.previous(entry, snapshot.map(|package| &package.feed));
        self.finding.previous = previous.as_deref().map(str::to_owned);
        if previous.is_none() {
            self.check_identified(entry)?;
        }
        let snapshot =
            snapshot.ok_or_else(|| Decision::Wait(self.not_read(&resolved.package), None))?;
        let question = Question {
            package: resolved.package.clone(),
            rule: rule_for(self.situation.rules, entry),
        };
        let criteria = self.criteria(source, snapshot, question, previous.clone())?;
        let mut options = SourceOptions {
            entry,
            package: snapshot,
            previous,
            replaced: self.replaced(entry),
            previous_digest: self.previous_digest(entry),
            candidates: Vec::new(),
            current: None,
            is_baseline: false,
            is_rolled_back: false,
            is_followed: source.policy.follow.is_some(),
        };
        match &source.policy.follow {
            Some(tag) => self.follow(&mut options, tag, &criteria)?,
            None => self.compare(&mut options, source, &criteria)?,
        }
        let latest = options.latest();
        self.finding.latest = latest.map(|candidate| candidate.version.clone());
        self.finding.digest = latest.and_then(|candidate| candidate.digest.clone());
        match (
            options.candidates.is_empty(),
            latest,
            options.next_eligible(),
        ) {
            (true, ..) => Err(nothing_eligible(source, package)),
            (false, None, Some((candidate, recent))) => Err(Decision::Wait(
                Reason::TooRecent {
                    package: entry.package.to_string(),
                    version: candidate.version.clone(),
                    why: recent.why.to_string(),
                },
                Some(recent.until),
            )),
            _ => Ok(options),
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
                let reference = source.reference.clone();
                Decision::Wait(Reason::ProcessChanged { reference }, None)
            })
    }

    /// Why a package has no snapshot.
    fn not_read(&self, key: &PackageKey) -> Reason {
        let package = key.package.to_string();
        match self.situation.read_failures.get(key) {
            None => Reason::NotRead { package },
            Some(failure) => Reason::CannotRead {
                package,
                why: failure.reason.clone(),
                failures: failure.failures,
                since: failure.since.unwrap_or(self.situation.now),
            },
        }
    }

    fn criteria(
        &mut self,
        source: &Source,
        package: &'a PackageSnapshot,
        question: Question,
        previous: Option<Cow<'a, str>>,
    ) -> Result<Criteria<'s, 'a>, Decision> {
        let format = package.format();
        let options = &self.situation.trigger.options;
        let invalid = |error: OptionError| {
            let package = question.package.package.to_string();
            Decision::Refuse(Reason::InvalidOption {
                package: Some(package),
                error,
            })
        };
        let policy = &source.policy;
        let order = CandidateOrder::new(format, policy, question.rule.strategy).map_err(invalid)?;
        let now = self.situation.now;
        let conditions = Conditions::new(format, policy, options.minimum_age, now);
        let conditions = conditions.map_err(invalid)?;
        let answers = self.answers;
        let rule = match answers.to(&question) {
            Some(Answer::Permitted(versions)) => {
                RuleEvaluator::Server(question.rule.clone(), versions)
            }
            _ => match question.rule.compile(format) {
                Ok(compiled) => RuleEvaluator::Local(Box::new(compiled)),
                Err(error) if error.is_not_evaluable() => {
                    return Err(self.ask(&question, error.to_string()));
                }
                Err(error) => return Err(invalid_rule(&question, error.to_string())),
            },
        };
        Ok(Criteria {
            order,
            rule,
            conditions,
            question,
            package,
            previous,
        })
    }

    fn report(&mut self, version: &str, eligibility: &Eligibility) {
        if self.finding.candidates.len() < REPORTED_CANDIDATES {
            self.finding.candidates.push(Candidate {
                version: version.to_owned(),
                refused: eligibility.reason().map(Ineligible::refusal),
            });
        }
    }

    fn is_baseline(&self) -> bool {
        self.situation.trigger.options.first_sight == FirstSight::Baseline
    }

    /// Versions that arrived until then existed before the trigger.
    fn began(&self, snapshot: &Snapshot) -> Timestamp {
        let first = snapshot.versions().map(|(_, seen)| seen.first_seen).min();
        self.situation.trigger.since.max(first.unwrap_or_default())
    }

    /// Records a question that only the server can answer. Until it is answered, and if it cannot be, the
    /// trigger is refused.
    fn ask(&mut self, question: &Question, why: String) -> Decision {
        match self.answers.to(question) {
            Some(Answer::Unanswerable(cause)) => invalid_rule(
                question,
                format!("{why}; Octopus cannot evaluate it: {cause}"),
            ),
            Some(Answer::Permitted(_)) => invalid_rule(question, why),
            None => {
                self.question = Some(question.clone());
                invalid_rule(question, why)
            }
        }
    }
}

fn nothing_eligible(source: &Source, package: String) -> Decision {
    Decision::Skip(if source.policy.versions == VersionConditions::default() {
        Reason::NothingPermitted { package }
    } else {
        Reason::NothingSelected { package }
    })
}

fn unresolved(source: &Source, why: Problem) -> Decision {
    let reference = source.reference.clone();
    Decision::Wait(Reason::Unresolved { reference, why }, None)
}

fn invalid_rule(question: &Question, error: String) -> Decision {
    Decision::Refuse(Reason::InvalidRule {
        package: question.package.package.to_string(),
        error,
    })
}
