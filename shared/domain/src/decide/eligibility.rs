//! How a candidate stands: with its channel's rule, by our own judgement or by the server's, and with
//! what the trigger asks for on top of it.

use std::collections::BTreeSet;

use super::order::{Place, Ranking};
use crate::options::{OptionError, VersionPolicy};
use crate::pattern::Pattern;
use crate::rule::{CompiledRule, Refusal, RuleStrategy, RuleVerdict, VersionRule};
use crate::snapshot::Seen;
use crate::time::{Span, Timestamp};
use crate::version::{Version, VersionFormat};

/// How a candidate stands.
pub(super) enum Eligibility {
    Permitted,
    Refused(String),
    /// It will be permitted from then on.
    Young(String, Timestamp),
    /// Nobody here can tell; why.
    Undecided(String),
}

impl Eligibility {
    pub(super) fn refusal(&self) -> Option<&str> {
        match self {
            Self::Permitted => None,
            Self::Refused(why) | Self::Young(why, _) | Self::Undecided(why) => Some(why),
        }
    }
}

/// A version of a package with what is known of it.
pub(super) struct Ranked<'a> {
    pub(super) text: &'a str,
    pub(super) seen: &'a Seen,
    /// Or why it stands nowhere.
    pub(super) place: Result<Place, String>,
}

/// Who says what the channel's rule permits.
pub(super) enum Judge<'a> {
    /// The rule, evaluated here.
    Here(Box<CompiledRule>),
    /// The server, which was asked for all versions that the rule permits.
    Server(VersionRule, &'a BTreeSet<String>),
}

impl Judge<'_> {
    fn eligibility(&self, text: &str, version: &Version) -> Eligibility {
        match self {
            Self::Here(compiled) => eligibility(compiled.verdict(version), ""),
            Self::Server(_, permitted) if permitted.contains(text) => Eligibility::Permitted,
            Self::Server(rule, _) => {
                Eligibility::Refused(format!("refused by Octopus's reading of {rule}"))
            }
        }
    }
}

/// What a trigger asks of a source's versions, ready to be applied.
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
        selection: &VersionPolicy,
        minimum_age: Option<Span>,
        now: Timestamp,
    ) -> Result<Self, OptionError> {
        let versions = &selection.versions;
        let wrong = |option: &str, problem: String| OptionError {
            option: option.to_owned(),
            problem,
        };
        let rule = VersionRule {
            range: versions.range.clone(),
            pre_release_tag: versions.pre_release_tag.clone(),
            version_tag_regex: versions.include.clone(),
            strategy: RuleStrategy::SemVer,
        };
        let exclude = versions.exclude.as_ref().map(|text| {
            let pattern = Pattern::parse(text);
            let pattern = pattern.map_err(|error| wrong("versions.exclude", error.to_string()))?;
            Ok((text.clone(), pattern))
        });
        Ok(Self {
            format,
            rule: rule
                .compile(format)
                .map_err(|error| wrong("versions", format!("{} {}", error.field, error.fault)))?,
            exclude: exclude.transpose()?,
            platform: versions.platform.clone(),
            minimum_age,
            now,
        })
    }

    /// How a version, of which `part` is what the trigger compares, stands with the conditions on its
    /// text.
    pub(super) fn of_text(&self, text: &str, part: &str) -> Eligibility {
        if let Some((pattern, exclude)) = &self.exclude {
            match exclude.is_match(text) {
                Ok(false) => {}
                Ok(true) => {
                    return Eligibility::Refused(format!(
                        "refused by the trigger's exclude {pattern}"
                    ));
                }
                Err(error) => {
                    return Eligibility::Undecided(format!("the trigger's exclude: {error}"));
                }
            }
        }
        match self
            .rule
            .verdict_of_part(text, || Version::parse(self.format, part))
        {
            Ok(verdict) => eligibility(verdict, "the trigger's "),
            Err(error) => Eligibility::Refused(error.to_string()),
        }
    }

    fn of_content(&self, seen: &Seen) -> Eligibility {
        if let Some(platform) = &self.platform
            && seen.digest.is_none()
        {
            return Eligibility::Refused(format!("no image for {platform} is known of it"));
        }
        let Some(wanted) = self.minimum_age else {
            return Eligibility::Permitted;
        };
        let matures = seen.dated() + wanted;
        if self.now >= matures {
            return Eligibility::Permitted;
        }
        let age = self.now.since(seen.dated());
        Eligibility::Young(format!("{age} old, wants {wanted}"), matures)
    }
}

/// How a candidate stands with the channel's rule and with what the trigger asks for.
pub(super) fn of(
    candidate: &Ranked<'_>,
    ranking: &Ranking,
    judge: &Judge<'_>,
    conditions: &Conditions,
) -> Eligibility {
    let text = candidate.text;
    let version = match Version::parse(conditions.format, text) {
        Ok(version) => version,
        Err(error) => return Eligibility::Refused(error.to_string()),
    };
    if let Err(why) = &candidate.place {
        return Eligibility::Refused(why.clone());
    }
    let part = match ranking.part(text) {
        Ok(part) => part,
        Err(why) => return Eligibility::Refused(why),
    };
    of_version(text, &version, part, judge, conditions, candidate.seen)
}

/// The same for a tag that is followed: it needs no place among others.
pub(super) fn of_followed(
    tag: &str,
    seen: &Seen,
    judge: &Judge<'_>,
    conditions: &Conditions,
) -> Eligibility {
    match Version::parse(conditions.format, tag) {
        Ok(version) => of_version(tag, &version, tag, judge, conditions, seen),
        Err(error) => Eligibility::Refused(error.to_string()),
    }
}

fn of_version(
    text: &str,
    version: &Version,
    part: &str,
    judge: &Judge<'_>,
    conditions: &Conditions,
    seen: &Seen,
) -> Eligibility {
    match judge.eligibility(text, version) {
        Eligibility::Permitted => {}
        other => return other,
    }
    match conditions.of_text(text, part) {
        Eligibility::Permitted => conditions.of_content(seen),
        other => other,
    }
}

fn eligibility(verdict: RuleVerdict, whose: &str) -> Eligibility {
    match verdict {
        RuleVerdict::Permitted => Eligibility::Permitted,
        RuleVerdict::Refused(undecided @ Refusal::PatternTooSlow { .. }) => {
            Eligibility::Undecided(undecided.to_string())
        }
        RuleVerdict::Refused(refusal) => {
            let text = refusal.to_string();
            Eligibility::Refused(text.replacen("refused by ", &format!("refused by {whose}"), 1))
        }
    }
}
