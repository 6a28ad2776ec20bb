//! Refusals: why a release may not select a candidate.

use crate::coded::{Coded, Details};
use crate::rule::Refusal;
use crate::time::{Span, Timestamp};

/// The refusal of a candidate, for users and programs.
pub type VersionRefusal = Coded<RefusalCode>;

crate::codes! {
    /// The code of a refusal.
    RefusalCode:
    /// The text is no version of the feed's format.
    NotAVersion,
    /// The tag has no version number.
    NoVersionNumber,
    VersionRange,
    PreReleaseTag,
    VersionTagRegex,
    /// Octopus evaluated the channel's rule.
    RuleInOctopus,
    /// The trigger's `exclude`.
    Exclude,
    /// The trigger's `extract` does not match.
    Extract,
    /// The trigger's `order` needs a number.
    Order,
    /// The order by date needs a date.
    NoDate,
    /// No image for the trigger's `platform` is known.
    Platform,
    /// The version is younger than `minimumAge`.
    TooRecent,
    /// A pattern takes too long on the version.
    PatternTooSlow,
}

/// Whose rule refuses a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RuleOwner {
    Channel,
    Trigger,
}

/// Why a release may not select a candidate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ineligible {
    NotAVersion {
        error: String,
    },
    NoVersionNumber,
    Rule {
        owner: RuleOwner,
        refusal: Refusal,
    },
    RuleInOctopus {
        rule: String,
    },
    Exclude {
        pattern: String,
    },
    Extract,
    Order {
        part: String,
    },
    NoDate,
    Platform {
        platform: String,
    },
    TooRecent {
        age: Span,
        minimum: Span,
        until: Timestamp,
    },
    /// The pattern of an option of the trigger is too slow.
    PatternTooSlow {
        option: &'static str,
        error: String,
    },
}

impl Ineligible {
    /// The refusal with its code and values.
    pub(super) fn refusal(&self) -> VersionRefusal {
        Coded {
            details: self.details(),
            message: self.to_string(),
        }
    }

    fn details(&self) -> Details<RefusalCode> {
        let of = Details::of;
        match self {
            Self::NotAVersion { error } => of(RefusalCode::NotAVersion).text("error", error),
            Self::NoVersionNumber => of(RefusalCode::NoVersionNumber),
            Self::Rule { owner, refusal } => refusal.details().text("owner", owner.name()),
            Self::RuleInOctopus { rule } => of(RefusalCode::RuleInOctopus)
                .text("rule", rule)
                .text("owner", RuleOwner::Channel.name()),
            Self::Exclude { pattern } => of(RefusalCode::Exclude).text("pattern", pattern),
            Self::Extract => of(RefusalCode::Extract),
            Self::Order { part } => of(RefusalCode::Order).text("part", part),
            Self::NoDate => of(RefusalCode::NoDate),
            Self::Platform { platform } => of(RefusalCode::Platform).text("platform", platform),
            Self::TooRecent {
                age,
                minimum,
                until,
            } => of(RefusalCode::TooRecent)
                .number("ageSeconds", age.as_millis() / 1_000)
                .number("minimumAgeSeconds", minimum.as_millis() / 1_000)
                .text("until", until.to_string()),
            Self::PatternTooSlow { option, error } => of(RefusalCode::PatternTooSlow)
                .text("owner", RuleOwner::Trigger.name())
                .text("option", *option)
                .text("error", error),
        }
    }
}

impl RuleOwner {
    fn name(self) -> &'static str {
        match self {
            Self::Channel => "Channel",
            Self::Trigger => "Trigger",
        }
    }
}

impl Refusal {
    /// The refusal for programs.
    pub fn details(&self) -> Details<RefusalCode> {
        let of = Details::of;
        match self {
            Self::Range { range } => of(RefusalCode::VersionRange).text("range", range),
            Self::PreReleaseTag { pattern } => {
                of(RefusalCode::PreReleaseTag).text("pattern", pattern)
            }
            Self::VersionTagRegex { pattern } => {
                of(RefusalCode::VersionTagRegex).text("pattern", pattern)
            }
            Self::PatternTooSlow { pattern } => {
                of(RefusalCode::PatternTooSlow).text("pattern", pattern)
            }
        }
    }
}

impl std::fmt::Display for Ineligible {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotAVersion { error } => f.write_str(error),
            Self::NoVersionNumber => f.write_str("ignored: it has no version number"),
            Self::Rule {
                owner: RuleOwner::Channel,
                refusal,
            }
            | Self::Rule {
                refusal: refusal @ Refusal::PatternTooSlow { .. },
                ..
            } => refusal.fmt(f),
            Self::Rule { refusal, .. } => {
                let text = refusal.to_string();
                let text = text.replacen("refused by ", "refused by the trigger's ", 1);
                f.write_str(&text)
            }
            Self::RuleInOctopus { rule } => {
                write!(f, "refused by Octopus's evaluation of {rule}")
            }
            Self::Exclude { pattern } => write!(f, "refused by the trigger's exclude {pattern}"),
            Self::Extract => f.write_str("refused by the trigger's extract: it does not match"),
            Self::Order { part } => {
                write!(
                    f,
                    "refused by the trigger's order: `{part}` is not a number"
                )
            }
            Self::NoDate => f.write_str("its date is unknown"),
            Self::Platform { platform } => write!(f, "no image for {platform} is known"),
            Self::TooRecent { age, minimum, .. } => {
                write!(f, "only {age} old; minimumAge is {minimum}")
            }
            Self::PatternTooSlow { option, error } => write!(f, "the trigger's {option}: {error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coded::{Code as _, DetailValue};

    #[test]
    fn refusal_has_a_code_and_the_values_of_its_text() {
        let refusal = Ineligible::Rule {
            owner: RuleOwner::Trigger,
            refusal: Refusal::Range {
                range: "[1.0,2.0)".to_owned(),
            },
        };
        let VersionRefusal { details, message } = refusal.refusal();
        assert_eq!(message, "refused by the trigger's version range [1.0,2.0)");
        assert_eq!(details.code.name(), "VersionRange");
        let text = |value: &str| Some(DetailValue::Text(value.to_owned()));
        assert_eq!(details.values.get("range").cloned(), text("[1.0,2.0)"));
        assert_eq!(details.values.get("owner").cloned(), text("Trigger"));

        let (age, minimum) = (Span::from_minutes(5), Span::from_minutes(60));
        let until = Timestamp::from_millis(3_600_000);
        let recent = Ineligible::TooRecent {
            age,
            minimum,
            until,
        };
        let details = recent.refusal().details;
        assert_eq!(details.code, RefusalCode::TooRecent);
        let seconds = Some(&DetailValue::Number(3_600));
        assert_eq!(details.values.get("minimumAgeSeconds"), seconds);
    }
}
