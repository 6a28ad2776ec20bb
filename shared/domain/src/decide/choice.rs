//! The choice of a version for one source: what its package holds, newest first, held against the
//! channel's rule. Where the rule cannot be applied here, the server's answer stands in for it.

use std::cmp::Ordering;

use super::question::{Answer, Answers, Question};
use super::standing::{Judge, Standing};
use super::{
    Candidate, Decision, Finding, PreviousRelease, REPORTED_CANDIDATES, Reason, Situation,
};
use crate::process::{TemplatePackage, rule_for};
use crate::rule::{RuleStrategy, VersionRule};
use crate::snapshot::{Seen, Snapshot};
use crate::time::Timestamp;
use crate::trigger::Source;
use crate::version::{Version, VersionError, VersionFormat};

/// A source with the version chosen for it, or the decision that it forces.
pub(super) struct Choice<'a> {
    pub(super) finding: Finding,
    /// What the choice hangs on, if only the server can tell it and was not asked yet.
    pub(super) question: Option<Question>,
    pub(super) result: Result<Chosen<'a>, Decision>,
}

pub(super) struct Chosen<'a> {
    pub(super) entry: &'a TemplatePackage,
    pub(super) version: String,
    pub(super) previous: Option<String>,
    /// Against the previous release; `Greater` where that has no version of it.
    pub(super) compared: Ordering,
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
    let result = choosing.version_of(source);
    choosing.finding.obstacle = result
        .as_ref()
        .err()
        .map(|decision| decision.reason().to_string());
    Choice {
        finding: choosing.finding,
        question: choosing.question,
        result,
    }
}

/// A choice that is being made, with what is found on the way.
struct Choosing<'s, 'a> {
    situation: &'s Situation<'a>,
    answers: &'s Answers,
    finding: Finding,
    question: Option<Question>,
}

impl<'a> Choosing<'_, 'a> {
    fn version_of(&mut self, source: &'a Source) -> Result<Chosen<'a>, Decision> {
        let unresolved = |why: String| {
            let reference = source.reference.clone();
            Decision::Wait(Reason::Unresolved { reference, why }, None)
        };
        let resolved = source
            .resolution
            .as_ref()
            .map_err(|why| unresolved(why.clone()))?;
        let package = resolved.package.package.to_string();
        self.finding.package = Some(package.clone());
        let entry = self
            .situation
            .template
            .packages
            .iter()
            .find(|entry| entry.is(&resolved.action_name, &source.reference.package_reference))
            .filter(|entry| entry.package == resolved.package.package)
            .ok_or_else(|| {
                unresolved("the process has changed; it is read again within minutes".to_owned())
            })?;
        let previous = self
            .situation
            .previous
            .and_then(|release| selected(release, entry));
        self.finding.previous = previous.map(str::to_owned);
        let held = self
            .situation
            .packages
            .get(&resolved.package)
            .ok_or(Decision::Wait(Reason::NotRead { package }, None))?;
        let (format, snapshot) = (held.format(), &held.snapshot);
        let question = Question {
            package: resolved.package.clone(),
            rule: rule_for(self.situation.rules, entry),
        };
        let ranked = rank(format, snapshot, question.rule.strategy);
        self.finding.considered = ranked.len();
        let latest = self.latest(&question, format, &ranked)?;
        self.finding.latest = Some(latest.text.to_owned());
        let compared = previous.map_or(Ordering::Greater, |previous| {
            compare_with_previous(latest, previous, format, snapshot, question.rule.strategy)
        });
        Ok(Chosen {
            entry,
            version: latest.text.to_owned(),
            previous: previous.map(str::to_owned),
            compared,
        })
    }

    /// The latest version that the rule permits.
    fn latest<'r, 'v>(
        &mut self,
        question: &Question,
        format: VersionFormat,
        ranked: &'r [Ranked<'v>],
    ) -> Result<&'r Ranked<'v>, Decision> {
        let rule = &question.rule;
        let judge = match self.answers.to(question) {
            Some(Answer::Permitted(versions)) => Judge::Server(versions),
            _ => match rule.compile(format) {
                Ok(compiled) => Judge::Here(Box::new(compiled)),
                Err(error) if error.is_not_evaluable() => {
                    return Err(self.ask(question, error.to_string()));
                }
                Err(error) => return Err(invalid_rule(question, error.to_string())),
            },
        };
        let look = look(ranked, rule, &judge);
        self.finding.candidates = look.reported;
        match (look.latest, look.undecided) {
            (Some(latest), _) => Ok(latest),
            (None, Some(undecided)) => Err(self.ask(question, undecided)),
            (None, None) => Err(Decision::Skip(Reason::NothingPermitted {
                package: question.package.package.to_string(),
            })),
        }
    }

    /// What cannot be told here becomes a question. Until it is answered, and if it cannot be, the
    /// trigger is refused.
    fn ask(&mut self, question: &Question, why: String) -> Decision {
        match self.answers.to(question) {
            Some(Answer::Unanswerable(neither)) => {
                invalid_rule(question, format!("{why}; Octopus cannot tell: {neither}"))
            }
            _ => {
                self.question = Some(question.clone());
                invalid_rule(question, why)
            }
        }
    }
}

fn invalid_rule(question: &Question, error: String) -> Decision {
    Decision::Refuse(Reason::InvalidRule {
        package: question.package.package.to_string(),
        error,
    })
}

fn selected<'a>(release: &'a PreviousRelease, template: &TemplatePackage) -> Option<&'a str> {
    release
        .selected
        .iter()
        .find(|(action, reference, _)| template.is(action, reference))
        .map(|(_, _, version)| version.as_str())
}

/// A version of the snapshot with what orders it.
struct Ranked<'a> {
    text: &'a str,
    version: Result<Version, VersionError>,
    seen: &'a Seen,
}

/// Every version, newest first by the rule's strategy; what is no version comes last.
fn rank(format: VersionFormat, snapshot: &Snapshot, strategy: RuleStrategy) -> Vec<Ranked<'_>> {
    let mut ranked: Vec<_> = snapshot
        .versions()
        .map(|(text, seen)| Ranked {
            text,
            version: Version::parse(format, text),
            seen,
        })
        .collect();
    ranked.sort_by(|one, other| {
        let by_version = one.version().cmp(&other.version());
        let order = match strategy {
            RuleStrategy::SemVer => by_version,
            RuleStrategy::MostRecentlyPublished => {
                date(one.seen).cmp(&date(other.seen)).then(by_version)
            }
        };
        order.reverse().then_with(|| one.text.cmp(other.text))
    });
    ranked
}

/// The feed's own date, or else the time at which it was first seen here.
fn date(seen: &Seen) -> Timestamp {
    seen.published.unwrap_or(seen.first_seen)
}

/// What was found among the candidates.
#[derive(Default)]
struct Look<'a, 'v> {
    latest: Option<&'a Ranked<'v>>,
    reported: Vec<Candidate>,
    /// Why the look ended before its time.
    undecided: Option<String>,
}

/// Holds the candidates against the rule, newest first, until the latest permitted one is found and
/// enough are reported. Where the rule gives no verdict the look ends: what comes after it may be older
/// than what ought to be chosen, and would take as long again.
fn look<'a, 'v>(ranked: &'a [Ranked<'v>], rule: &VersionRule, judge: &Judge<'_>) -> Look<'a, 'v> {
    let mut look = Look::default();
    for candidate in ranked {
        let is_reported = look.reported.len() < REPORTED_CANDIDATES;
        if look.latest.is_some() && !is_reported {
            break;
        }
        let standing = judge.standing(rule, candidate.text, &candidate.version);
        if is_reported {
            look.reported.push(Candidate {
                version: candidate.text.to_owned(),
                refused: standing.refusal().map(str::to_owned),
            });
        }
        match standing {
            Standing::Permitted => {
                look.latest.get_or_insert(candidate);
            }
            Standing::Refused(_) => {}
            Standing::Undecided(why) => {
                look.undecided = Some(format!("{}: {why}", candidate.text));
                break;
            }
        }
    }
    look
}

impl Ranked<'_> {
    fn version(&self) -> Option<&Version> {
        self.version.as_ref().ok()
    }
}

fn compare_with_previous(
    latest: &Ranked<'_>,
    previous: &str,
    format: VersionFormat,
    snapshot: &Snapshot,
    strategy: RuleStrategy,
) -> Ordering {
    if latest.text == previous {
        return Ordering::Equal;
    }
    let by_version = || {
        latest
            .version()
            .cmp(&Version::parse(format, previous).ok().as_ref())
    };
    match (strategy, snapshot.get(previous)) {
        (RuleStrategy::MostRecentlyPublished, Some(seen)) => {
            date(latest.seen).cmp(&date(seen)).then_with(by_version)
        }
        // The previous version is gone from the feed, so its date is too; what is there is later.
        (RuleStrategy::MostRecentlyPublished, None) => Ordering::Greater,
        (RuleStrategy::SemVer, _) => by_version(),
    }
}
