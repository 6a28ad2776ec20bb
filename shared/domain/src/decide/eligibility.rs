//! Eligibility: whether a release may select a candidate, by the channel's rule and by the conditions of
//! the trigger.

use std::collections::BTreeSet;

use super::candidate::RankedCandidate;
use super::ordering::CandidateOrder;
use super::refusal::{Ineligible, RuleOwner};
use super::source_options::TooRecent;
use crate::options::{OptionError, VersionPolicy};
use crate::pattern::Pattern;
use crate::range::foreign_notation;
use crate::rule::{CompiledRule, Refusal, RuleStrategy, RuleVerdict, VersionRule};
use crate::snapshot::Seen;
use crate::time::{Span, Timestamp};
use crate::version::{Version, VersionError, VersionFormat};

pub(super) enum Eligibility {
    Permitted,
    Refused(Ineligible),
    /// Permitted, but not before its minimum age.
    TooRecent(TooRecent),
    /// Not decidable locally, and why.
    Undecided(Ineligible),
}

impl Eligibility {
    /// Why a release may not select the candidate now.
    pub(super) fn reason(&self) -> Option<&Ineligible> {
        match self {
            Self::Permitted => None,
            Self::Refused(why) | Self::Undecided(why) => Some(why),
            Self::TooRecent(recent) => Some(&recent.why),
        }
    }
}

/// Who evaluates the channel's rule.
pub(super) enum RuleEvaluator<'a> {
    Local(Box<CompiledRule>),
    /// The server, with all versions that the rule permits.
    Server(VersionRule, &'a BTreeSet<String>),
}

impl RuleEvaluator<'_> {
    fn eligibility(&self, text: &str, version: &Version) -> Eligibility {
        match self {
            Self::Local(compiled) => eligibility(compiled.verdict(version), RuleOwner::Channel),
            Self::Server(_, permitted) if permitted.contains(text) => Eligibility::Permitted,
            Self::Server(rule, _) => Eligibility::Refused(Ineligible::RuleInOctopus {
                rule: rule.to_string(),
            }),
        }
    }
}

/// A trigger's conditions on the versions of a source, compiled.
pub(super) struct Conditions {
    format: VersionFormat,
    rule: CompiledRule,
    exclude: Option<(String, Pattern)>,
    platform: Option<String>,
    minimum_age: Option<Span>,
    now: Timestamp,
}

impl Conditions {
    pub(super) fn new(
        format: VersionFormat,
        policy: &VersionPolicy,
        minimum_age: Option<Span>,
        now: Timestamp,
    ) -> Result<Self, OptionError> {
        let versions = &policy.versions;
        let invalid = |option: &str, problem: String| OptionError {
            option: option.to_owned(),
            problem,
        };
        if let Some(problem) = versions.range.as_deref().and_then(foreign_notation) {
            return Err(invalid("versions.range", problem));
        }
        let rule = VersionRule {
            range: versions.range.clone(),
            pre_release_tag: versions.pre_release_tag.clone(),
            version_tag_regex: versions.include.clone(),
            strategy: RuleStrategy::SemVer,
        };
        let exclude = versions.exclude.as_ref().map(|text| {
            let pattern = Pattern::parse(text);
            let pattern =
                pattern.map_err(|error| invalid("versions.exclude", error.to_string()))?;
            Ok((text.clone(), pattern))
        });
        Ok(Self {
            format,
            rule: rule
                .compile(format)
                .map_err(|error| invalid("versions", format!("{} {}", error.field, error.fault)))?,
            exclude: exclude.transpose()?,
            platform: versions.platform.clone(),
            minimum_age,
            now,
        })
    }

    /// The conditions on a version's text. `part` is the part of it that the trigger compares.
    pub(super) fn of_text(&self, text: &str, part: &str) -> Eligibility {
        if let Some((pattern, exclude)) = &self.exclude {
            match exclude.is_match(text) {
                Ok(false) => {}
                Ok(true) => {
                    let pattern = pattern.clone();
                    return Eligibility::Refused(Ineligible::Exclude { pattern });
                }
                Err(error) => {
                    return Eligibility::Undecided(Ineligible::PatternTooSlow {
                        option: "exclude",
                        error: error.to_string(),
                    });
                }
            }
        }
        match self
            .rule
            .verdict_of_part(text, || Version::parse(self.format, part))
        {
            Ok(verdict) => eligibility(verdict, RuleOwner::Trigger),
            Err(error) => not_a_version(&error),
        }
    }

    /// The conditions on platform and age.
    fn of_content(&self, seen: &Seen) -> Eligibility {
        if let Some(platform) = &self.platform
            && seen.digest.is_none()
        {
            return Eligibility::Refused(Ineligible::Platform {
                platform: platform.clone(),
            });
        }
        let Some(required) = self.minimum_age else {
            return Eligibility::Permitted;
        };
        let until = seen.dated() + required;
        if self.now >= until || seen.dated().is_ahead_of(self.now) {
            return Eligibility::Permitted;
        }
        let age = self.now.since(seen.dated());
        let why = Ineligible::TooRecent {
            age,
            minimum: required,
            until,
        };
        Eligibility::TooRecent(TooRecent { why, until })
    }
}

/// The eligibility of a version among others.
pub(super) fn of(
    candidate: &RankedCandidate<'_>,
    order: &CandidateOrder,
    rule: &RuleEvaluator<'_>,
    conditions: &Conditions,
) -> Eligibility {
    let text = candidate.text;
    let version = match Version::parse(conditions.format, text) {
        Ok(version) => version,
        Err(error) => return not_a_version(&error),
    };
    if let Err(why) = &candidate.position {
        return Eligibility::Refused(why.clone());
    }
    let part = match order.part(text) {
        Ok(part) => part,
        Err(why) => return Eligibility::Refused(why),
    };
    of_version(text, &version, part, rule, conditions, candidate.seen)
}

/// The eligibility of a followed tag, which needs no position among others.
pub(super) fn of_followed(
    tag: &str,
    seen: &Seen,
    rule: &RuleEvaluator<'_>,
    conditions: &Conditions,
) -> Eligibility {
    match Version::parse(conditions.format, tag) {
        Ok(version) => of_version(tag, &version, tag, rule, conditions, seen),
        Err(error) => not_a_version(&error),
    }
}

fn of_version(
    text: &str,
    version: &Version,
    part: &str,
    rule: &RuleEvaluator<'_>,
    conditions: &Conditions,
    seen: &Seen,
) -> Eligibility {
    match rule.eligibility(text, version) {
        Eligibility::Permitted => {}
        other => return other,
    }
    match conditions.of_text(text, part) {
        Eligibility::Permitted => conditions.of_content(seen),
        other => other,
    }
}

fn not_a_version(error: &VersionError) -> Eligibility {
    let error = error.to_string();
    Eligibility::Refused(Ineligible::NotAVersion { error })
}

fn eligibility(verdict: RuleVerdict, owner: RuleOwner) -> Eligibility {
    match verdict {
        RuleVerdict::Permitted => Eligibility::Permitted,
        RuleVerdict::Refused(refusal @ Refusal::PatternTooSlow { .. }) => {
            Eligibility::Undecided(Ineligible::Rule { owner, refusal })
        }
        RuleVerdict::Refused(refusal) => Eligibility::Refused(Ineligible::Rule { owner, refusal }),
    }
}
