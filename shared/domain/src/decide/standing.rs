//! How a candidate stands with its channel's rule, by our own judgement or by the server's.

use std::collections::BTreeSet;

use crate::rule::{CompiledRule, Refusal, RuleStrategy, Verdict, VersionRule};
use crate::version::{Version, VersionError};

/// How a candidate stands with the rule.
pub(super) enum Standing {
    Permitted,
    Refused(String),
    /// Nobody here can tell; why.
    Undecided(String),
}

impl Standing {
    pub(super) fn refusal(&self) -> Option<&str> {
        match self {
            Self::Permitted => None,
            Self::Refused(why) | Self::Undecided(why) => Some(why),
        }
    }
}

/// Who says what the rule permits.
pub(super) enum Judge<'a> {
    /// The rule, evaluated here.
    Here(Box<CompiledRule>),
    /// The server, which was asked for all versions that the rule permits.
    Server(&'a BTreeSet<String>),
}

impl Judge<'_> {
    /// How a version, as published and as read, stands with the rule that this judge applies.
    pub(super) fn standing(
        &self,
        rule: &VersionRule,
        text: &str,
        version: &Result<Version, VersionError>,
    ) -> Standing {
        let version = match version {
            Ok(version) => version,
            Err(error) => return Standing::Refused(error.to_string()),
        };
        if rule.strategy == RuleStrategy::SemVer && !has_number(text) {
            return Standing::Refused("ignored: it has no version number".to_owned());
        }
        match self {
            Self::Here(compiled) => match compiled.verdict(version) {
                Verdict::Permitted => Standing::Permitted,
                Verdict::Refused(undecided @ Refusal::PatternTooSlow { .. }) => {
                    Standing::Undecided(undecided.to_string())
                }
                Verdict::Refused(refusal) => Standing::Refused(refusal.to_string()),
            },
            Self::Server(permitted) if permitted.contains(text) => Standing::Permitted,
            Self::Server(_) => Standing::Refused(format!("refused by Octopus's reading of {rule}")),
        }
    }
}

/// Whether a tag starts with a number, after an optional `v`. `latest` and `main` do not: as versions
/// they would all be 0.0.0, and Octopus's triggers ignore them too.
fn has_number(text: &str) -> bool {
    let text = text.trim_start();
    text.strip_prefix(['v', 'V'])
        .unwrap_or(text)
        .starts_with(|c: char| c.is_ascii_digit())
}
