//! Version rules of a channel: which versions of a package a release may select.
//!
//! A [`VersionRule`] is the text of a rule in Octopus. Compiled for the format of a feed, it has a
//! [`RuleVerdict`] for each version. A version must meet all conditions; the first that it does not meet is the
//! refusal. The strategy refuses nothing: it defines which of the permitted versions is the latest.

use std::fmt;

use crate::pattern::{Pattern, PatternError};
use crate::range::{RangeError, VersionRange};
use crate::version::{Version, VersionError, VersionFormat};

/// Which of the permitted versions is the latest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RuleStrategy {
    /// The highest in the feed's order of versions.
    #[default]
    SemVer,
    /// The last published; the highest of those with the same date.
    MostRecentlyPublished,
}

/// A channel's rule for a package, as stored in Octopus. Empty text is no condition; the default permits every
/// version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VersionRule {
    /// `VersionRange`, in the notation of the feed.
    pub range: Option<String>,
    /// `Tag`, a regular expression on the pre-release text and metadata.
    pub pre_release_tag: Option<String>,
    /// `VersionTagRegex`, a regular expression on the whole version as published.
    pub version_tag_regex: Option<String>,
    /// `VersioningStrategy`.
    pub strategy: RuleStrategy,
}

impl VersionRule {
    /// Compiles the rule for the versions of a feed.
    ///
    /// # Errors
    /// If a condition is malformed, or cannot be evaluated locally ([`RuleError::is_not_evaluable`]).
    pub fn compile(&self, format: VersionFormat) -> Result<CompiledRule, RuleError> {
        let range = condition(RuleField::Range, self.range.as_deref(), |text| {
            VersionRange::parse(format, text).map_err(RuleFault::Range)
        })?;
        let pattern = |text: &str| Pattern::parse(text).map_err(RuleFault::Pattern);
        Ok(CompiledRule {
            range,
            pre_release_tag: condition(
                RuleField::PreReleaseTag,
                self.pre_release_tag.as_deref(),
                pattern,
            )?,
            version_tag_regex: condition(
                RuleField::VersionTagRegex,
                self.version_tag_regex.as_deref(),
                pattern,
            )?,
        })
    }
}

/// The conditions, as in `version range [1.0,2.0), pre-release tag ^$`.
impl fmt::Display for VersionRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let conditions = [
            (RuleField::Range, &self.range),
            (RuleField::PreReleaseTag, &self.pre_release_tag),
            (RuleField::VersionTagRegex, &self.version_tag_regex),
        ];
        let mut separator = "";
        for (field, text) in conditions {
            if let Some(text) = text.as_deref().filter(|text| !field.is_absent(text)) {
                write!(f, "{separator}{field} {text}")?;
                separator = ", ";
            }
        }
        Ok(())
    }
}

/// A compiled condition, with its text for the refusal.
#[derive(Clone, Debug)]
struct Condition<T> {
    text: String,
    test: T,
}

fn condition<T>(
    field: RuleField,
    text: Option<&str>,
    prepare: impl FnOnce(&str) -> Result<T, RuleFault>,
) -> Result<Option<Condition<T>>, RuleError> {
    let Some(text) = text.filter(|text| !field.is_absent(text)) else {
        return Ok(None);
    };
    match prepare(text) {
        Ok(test) => Ok(Some(Condition {
            text: text.to_owned(),
            test,
        })),
        Err(fault) => Err(RuleError {
            field,
            text: text.to_owned(),
            fault,
        }),
    }
}

/// A rule, compiled for the versions of one format.
#[derive(Clone, Debug)]
pub struct CompiledRule {
    range: Option<Condition<VersionRange>>,
    pre_release_tag: Option<Condition<Pattern>>,
    version_tag_regex: Option<Condition<Pattern>>,
}

impl CompiledRule {
    /// Whether a release may select the version.
    pub fn verdict(&self, version: &Version) -> RuleVerdict {
        let refusal = self
            .range_refusal(version)
            .or_else(|| self.tag_refusal(version))
            .or_else(|| self.text_refusal(version.text()));
        refusal.map_or(RuleVerdict::Permitted, RuleVerdict::Refused)
    }

    /// The verdict on a text that contains the version as a part: the regex is matched against the text, the
    /// other conditions against the part. Without other conditions the part need not be a version.
    ///
    /// # Errors
    /// If the part must be a version and is not.
    pub fn verdict_of_part(
        &self,
        text: &str,
        part: impl FnOnce() -> Result<Version, VersionError>,
    ) -> Result<RuleVerdict, VersionError> {
        let mut refusal = None;
        if self.range.is_some() || self.pre_release_tag.is_some() {
            let version = part()?;
            refusal = self
                .range_refusal(&version)
                .or_else(|| self.tag_refusal(&version));
        }
        let refusal = refusal.or_else(|| self.text_refusal(text));
        Ok(refusal.map_or(RuleVerdict::Permitted, RuleVerdict::Refused))
    }

    fn tag_refusal(&self, version: &Version) -> Option<Refusal> {
        let subject = version.prerelease_subject();
        pattern_refusal(self.pre_release_tag.as_ref(), &subject, |pattern| {
            Refusal::PreReleaseTag { pattern }
        })
    }

    fn text_refusal(&self, text: &str) -> Option<Refusal> {
        pattern_refusal(self.version_tag_regex.as_ref(), text, |pattern| {
            Refusal::VersionTagRegex { pattern }
        })
    }

    fn range_refusal(&self, version: &Version) -> Option<Refusal> {
        let condition = self
            .range
            .as_ref()
            .filter(|range| !range.test.contains(version))?;
        Some(Refusal::Range {
            range: condition.text.clone(),
        })
    }
}

fn pattern_refusal(
    condition: Option<&Condition<Pattern>>,
    subject: &str,
    refuse: impl FnOnce(String) -> Refusal,
) -> Option<Refusal> {
    let condition = condition?;
    match condition.test.is_match(subject) {
        Ok(true) => None,
        Ok(false) => Some(refuse(condition.text.clone())),
        Err(_) => Some(Refusal::PatternTooSlow {
            pattern: condition.text.clone(),
        }),
    }
}

/// A rule's verdict on a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleVerdict {
    Permitted,
    Refused(Refusal),
}

impl RuleVerdict {
    pub fn is_permitted(&self) -> bool {
        *self == Self::Permitted
    }
}

impl fmt::Display for RuleVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Permitted => f.write_str("permitted"),
            Self::Refused(refusal) => refusal.fmt(f),
        }
    }
}

/// Why a version is refused, for users.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("refused by version range {range}")]
    Range { range: String },
    /// Its pre-release text does not match.
    #[error("refused by pre-release tag {pattern}")]
    PreReleaseTag { pattern: String },
    /// Its text does not match.
    #[error("refused by version tag regex {pattern}")]
    VersionTagRegex { pattern: String },
    /// Unknown: the pattern exceeds the bound on its work. This is an error of the rule, not of the version.
    #[error("not decided: the pattern {pattern} takes too long on this version; simplify it")]
    PatternTooSlow { pattern: String },
}

/// A condition of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RuleField {
    Range,
    PreReleaseTag,
    VersionTagRegex,
}

impl RuleField {
    /// Whether the text is no condition.
    fn is_absent(self, text: &str) -> bool {
        match self {
            Self::Range => text.trim().is_empty(),
            Self::PreReleaseTag | Self::VersionTagRegex => text.is_empty(),
        }
    }
}

impl fmt::Display for RuleField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Range => "version range",
            Self::PreReleaseTag => "pre-release tag",
            Self::VersionTagRegex => "version tag regex",
        })
    }
}

/// A rule that cannot be applied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {field} {text:?} is not usable: {fault}; correct it in the channel's version rules")]
pub struct RuleError {
    pub field: RuleField,
    pub text: String,
    pub fault: RuleFault,
}

/// The error of a condition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleFault {
    #[error("{0}")]
    Range(RangeError),
    #[error("{0}")]
    Pattern(PatternError),
}

impl RuleError {
    /// The byte of the text at which the error is.
    pub fn offset(&self) -> usize {
        match &self.fault {
            RuleFault::Range(error) => error.offset,
            RuleFault::Pattern(error) => error.offset,
        }
    }

    /// Whether the server may accept the rule although it cannot be evaluated locally.
    pub fn is_not_evaluable(&self) -> bool {
        match &self.fault {
            RuleFault::Range(error) => error.is_not_evaluable(),
            RuleFault::Pattern(error) => error.is_not_evaluable(),
        }
    }
}
