//! The order of a source's versions: the feed's order, the publishing date, or a number or text that the
//! trigger extracts.

use std::cmp::Ordering;

use super::refusal::Ineligible;
use crate::options::{OptionError, VersionOrder, VersionPolicy};
use crate::pattern::Pattern;
use crate::rule::RuleStrategy;
use crate::snapshot::Seen;
use crate::time::Timestamp;
use crate::version::{Version, VersionError, VersionFormat};

pub(super) struct CandidateOrder {
    format: VersionFormat,
    order: VersionOrder,
    extract: Option<Pattern>,
}

/// The position of a version among those of its source: the greater, the later.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Position {
    Version(Version),
    Number(Number),
    Text(String),
    /// By date; versions of the same date by version.
    Date(Timestamp, Option<Version>),
}

impl CandidateOrder {
    /// The trigger's order, or else the strategy of the channel's rule.
    pub(super) fn new(
        format: VersionFormat,
        policy: &VersionPolicy,
        strategy: RuleStrategy,
    ) -> Result<Self, OptionError> {
        let versions = &policy.versions;
        let by_rule = match strategy {
            RuleStrategy::SemVer => VersionOrder::Semver,
            RuleStrategy::MostRecentlyPublished => VersionOrder::Published,
        };
        let pattern = versions.extract.as_deref().map(Pattern::parse).transpose();
        let extract = pattern.map_err(|error| OptionError {
            option: "versions.extract".to_owned(),
            problem: error.to_string(),
        })?;
        Ok(Self {
            format,
            order: versions.order.unwrap_or(by_rule),
            extract,
        })
    }

    /// The part of the version that is compared: the whole version without `extract`.
    pub(super) fn part<'t>(&self, text: &'t str) -> Result<&'t str, Ineligible> {
        let Some(pattern) = &self.extract else {
            return Ok(text);
        };
        match pattern.extract(text) {
            Ok(Some(part)) => Ok(part),
            Ok(None) => Err(Ineligible::Extract),
            Err(error) => Err(Ineligible::PatternTooSlow {
                option: "extract",
                error: error.to_string(),
            }),
        }
    }

    /// The position of the version, or why it has none. `seen`: the snapshot's facts, if it lists the version.
    pub(super) fn position(&self, text: &str, seen: Option<&Seen>) -> Result<Position, Ineligible> {
        let part = self.part(text)?;
        let version = || Version::parse(self.format, part);
        match self.order {
            VersionOrder::Semver if !has_number(part) => Err(Ineligible::NoVersionNumber),
            VersionOrder::Semver => version().map(Position::Version).map_err(not_a_version),
            VersionOrder::Numeric => {
                Number::parse(part)
                    .map(Position::Number)
                    .ok_or_else(|| Ineligible::Order {
                        part: part.to_owned(),
                    })
            }
            VersionOrder::Alphabetical => Ok(Position::Text(part.to_owned())),
            VersionOrder::Published => {
                let dated = seen.map(Seen::dated);
                let dated = dated.ok_or(Ineligible::NoDate)?;
                Ok(Position::Date(dated, version().ok()))
            }
        }
    }

    /// The position of a version that the feed no longer lists. By date: before every version published after
    /// the release that selected it, and after all others.
    pub(super) fn position_of_vanished(
        &self,
        text: &str,
        released: Option<Timestamp>,
    ) -> Option<Position> {
        match self.order {
            VersionOrder::Published => released.map(|at| Position::Date(at, None)),
            _ => self.position(text, None).ok(),
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape of `map_err`")]
fn not_a_version(error: VersionError) -> Ineligible {
    Ineligible::NotAVersion {
        error: error.to_string(),
    }
}

/// Whether a tag starts with a number, after an optional `v`. Tags such as `latest` and `main` do not: all of
/// them would be version 0.0.0, and Octopus's triggers ignore them too.
fn has_number(text: &str) -> bool {
    let text = text.trim_start();
    text.strip_prefix(['v', 'V'])
        .unwrap_or(text)
        .starts_with(|c: char| c.is_ascii_digit())
}

/// A number of any length: digits and an optional fraction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Number {
    /// Without leading zeros.
    whole: String,
    /// Without trailing zeros.
    fraction: String,
}

impl Number {
    fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let is_number =
            |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        (is_number(whole) && is_number(fraction)).then(|| Self {
            whole: whole.trim_start_matches('0').to_owned(),
            fraction: fraction.trim_end_matches('0').to_owned(),
        })
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.whole.len(), &self.whole, &self.fraction).cmp(&(
            other.whole.len(),
            &other.whole,
            &other.fraction,
        ))
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_any_length_compare_by_value() {
        let texts = [
            "0",
            "0.25",
            "0.5",
            "007",
            "9",
            "10",
            "10.05",
            "10.5",
            "20261123142000",
        ];
        let numbers: Vec<_> = texts
            .iter()
            .map(|text| Number::parse(text).unwrap())
            .collect();
        assert!(numbers.is_sorted(), "{numbers:?}");
        assert_eq!(Number::parse("7.0"), Number::parse("007"));
        for text in ["", "1.", ".5", "1.2.3", "-1", "1e5", "v1"] {
            assert_eq!(Number::parse(text), None, "{text}");
        }
    }
}
