//! Version rules of a channel: which versions of a package a release may use.
//!
//! A [`VersionRule`] is what Octopus holds, as text. Compiled for the format of a feed it gives each
//! version a [`RuleVerdict`]. All of its conditions must hold; the first that does not is the reason. The
//! strategy refuses nothing: it says which of the permitted versions comes first.

use std::fmt;

use crate::pattern::{Pattern, PatternError};
use crate::range::{RangeError, VersionRange};
use crate::version::{Version, VersionError, VersionFormat};

/// Which of the permitted versions is the latest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RuleStrategy {
    /// The highest by the feed's order of versions.
    #[default]
    SemVer,
    /// The one that was published last; of those the highest.
    MostRecentlyPublished,
}

/// A channel's rule for a package, as Octopus holds it. Empty text is no condition; the default permits
/// everything.
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
    /// Prepares the rule for the versions of a feed.
    ///
    /// # Errors
    /// Where a condition is malformed or cannot be evaluated here; [`RuleError::is_not_evaluable`] tells
    /// the two apart.
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

/// A condition that is ready to be asked, with its text for the reason.
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

/// A rule that is ready for the versions of one format.
#[derive(Clone, Debug)]
pub struct CompiledRule {
    range: Option<Condition<VersionRange>>,
    pre_release_tag: Option<Condition<Pattern>>,
    version_tag_regex: Option<Condition<Pattern>>,
}

impl CompiledRule {
    /// Whether a release may use the version, and if not, why.
    pub fn verdict(&self, version: &Version) -> RuleVerdict {
        let refusal = self
            .range_refusal(version)
            .or_else(|| self.tag_refusal(version))
            .or_else(|| self.text_refusal(version.text()));
        refusal.map_or(RuleVerdict::Permitted, RuleVerdict::Refused)
    }

    /// The same for a text of which only a part is the version: the regex is held against the text, the
    /// other conditions against the part, which need be no version where there are none.
    ///
    /// # Errors
    /// Where the part would have to be a version and is none.
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

/// What a rule says of a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleVerdict {
    /// A release may use it.
    Permitted,
    /// A release must not.
    Refused(Refusal),
}

impl RuleVerdict {
    /// Whether a release may use the version.
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

/// Why a version is refused. Its text is what people read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It lies outside the range.
    #[error("refused by version range {range}")]
    Range {
        /// The rule's range.
        range: String,
    },
    /// Its pre-release text does not match.
    #[error("refused by pre-release tag {pattern}")]
    PreReleaseTag {
        /// The rule's pattern.
        pattern: String,
    },
    /// Its text does not match.
    #[error("refused by version tag regex {pattern}")]
    VersionTagRegex {
        /// The rule's pattern.
        pattern: String,
    },
    /// Nobody knows whether it matches: the pattern takes too much work on it. This is a fault of the
    /// rule, not of the version.
    #[error("not decided: the pattern {pattern} takes too long on this version; make it simpler")]
    PatternTooSlow {
        /// The rule's pattern.
        pattern: String,
    },
}

/// A condition of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RuleField {
    /// The version range.
    Range,
    /// The pre-release tag.
    PreReleaseTag,
    /// The version tag regex.
    VersionTagRegex,
}

impl RuleField {
    /// Whether the text is no condition at all.
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
#[error("the {field} {text:?} cannot be used: {fault}; correct it in the channel's version rules")]
pub struct RuleError {
    /// The condition that is at fault.
    pub field: RuleField,
    /// Its text.
    pub text: String,
    /// What is wrong with it, and where.
    pub fault: RuleFault,
}

/// What is wrong with a condition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleFault {
    /// With the range.
    #[error("{0}")]
    Range(RangeError),
    /// With a pattern.
    #[error("{0}")]
    Pattern(PatternError),
}

impl RuleError {
    /// The byte of the text at which it went wrong.
    pub fn offset(&self) -> usize {
        match &self.fault {
            RuleFault::Range(error) => error.offset,
            RuleFault::Pattern(error) => error.offset,
        }
    }

    /// Whether the rule may be fine for the server, which then has to be asked.
    pub fn is_not_evaluable(&self) -> bool {
        match &self.fault {
            RuleFault::Range(error) => error.is_not_evaluable(),
            RuleFault::Pattern(error) => error.is_not_evaluable(),
        }
    }
}
