//! The choice of a version for one source: what its package holds, newest first, held against the
//! channel's rule.

use std::cmp::Ordering;

use super::{
    Candidate, Decision, Finding, PreviousRelease, REPORTED_CANDIDATES, Reason, Situation,
};
use crate::process::{TemplatePackage, rule_for};
use crate::rule::{CompiledRule, Refusal, RuleStrategy, Verdict};
use crate::snapshot::{Seen, Snapshot};
use crate::time::Timestamp;
use crate::trigger::Source;
use crate::version::{Version, VersionError, VersionFormat};

/// A source with the version chosen for it, or the decision that it forces.
pub(super) struct Choice<'a> {
    pub(super) finding: Finding,
    pub(super) result: Result<Chosen<'a>, Decision>,
}

pub(super) struct Chosen<'a> {
    pub(super) entry: &'a TemplatePackage,
    pub(super) version: String,
    pub(super) previous: Option<String>,
    /// Against the previous release; `Greater` where that has no version of it.
    pub(super) compared: Ordering,
}

pub(super) fn choose<'a>(situation: &Situation<'a>, source: &'a Source) -> Choice<'a> {
    let mut finding = Finding {
        reference: source.reference.clone(),
        package: None,
        previous: None,
        latest: None,
        candidates: Vec::new(),
        considered: 0,
        obstacle: None,
    };
    let result = choose_version(situation, source, &mut finding);
    finding.obstacle = result
        .as_ref()
        .err()
        .map(|decision| decision.reason().to_string());
    Choice { finding, result }
}

fn choose_version<'a>(
    situation: &Situation<'a>,
    source: &'a Source,
    finding: &mut Finding,
) -> Result<Chosen<'a>, Decision> {
    let unresolved = |why: String| {
        Decision::Wait(Reason::Unresolved {
            reference: source.reference.clone(),
            why,
        })
    };
    let resolved = source
        .resolution
        .as_ref()
        .map_err(|why| unresolved(why.clone()))?;
    let package = resolved.package.package.to_string();
    finding.package = Some(package.clone());
    let entry = situation
        .template
        .packages
        .iter()
        .find(|entry| entry.is(&resolved.action_name, &source.reference.package_reference))
        .filter(|entry| entry.package == resolved.package.package)
        .ok_or_else(|| {
            unresolved("the process has changed; it is read again within minutes".to_owned())
        })?;
    let previous = situation
        .previous
        .and_then(|release| selected(release, entry));
    finding.previous = previous.map(str::to_owned);
    let (format, snapshot) = situation.snapshots.get(&resolved.package).ok_or_else(|| {
        Decision::Wait(Reason::NotRead {
            package: package.clone(),
        })
    })?;
    let invalid_rule = |error: String| {
        Decision::Refuse(Reason::InvalidRule {
            package: package.clone(),
            error,
        })
    };
    let rule = rule_for(situation.rules, entry)
        .compile(*format)
        .map_err(|error| invalid_rule(error.to_string()))?;
    let ranked = rank(*format, snapshot, rule.strategy());
    finding.considered = ranked.len();
    let look = look(&ranked, &rule);
    finding.candidates = look.reported;
    let latest = match (look.latest, look.undecided) {
        (Some(latest), _) => latest,
        (None, Some(undecided)) => return Err(invalid_rule(undecided)),
        (None, None) => return Err(Decision::Skip(Reason::NothingPermitted { package })),
    };
    finding.latest = Some(latest.text.to_owned());
    let compared = previous.map_or(Ordering::Greater, |previous| {
        compare_with_previous(latest, previous, *format, snapshot, rule.strategy())
    });
    Ok(Chosen {
        entry,
        version: latest.text.to_owned(),
        previous: previous.map(str::to_owned),
        compared,
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
fn look<'a, 'v>(ranked: &'a [Ranked<'v>], rule: &CompiledRule) -> Look<'a, 'v> {
    let mut look = Look::default();
    for candidate in ranked {
        let is_reported = look.reported.len() < REPORTED_CANDIDATES;
        if look.latest.is_some() && !is_reported {
            break;
        }
        let standing = candidate.standing(rule);
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

/// How a candidate stands with the rule.
enum Standing {
    Permitted,
    Refused(String),
    Undecided(String),
}

impl Standing {
    fn refusal(&self) -> Option<&str> {
        match self {
            Self::Permitted => None,
            Self::Refused(why) | Self::Undecided(why) => Some(why),
        }
    }
}

impl Ranked<'_> {
    fn version(&self) -> Option<&Version> {
        self.version.as_ref().ok()
    }

    fn standing(&self, rule: &CompiledRule) -> Standing {
        let version = match &self.version {
            Ok(version) => version,
            Err(error) => return Standing::Refused(error.to_string()),
        };
        if rule.strategy() == RuleStrategy::SemVer && !has_number(self.text) {
            return Standing::Refused("ignored: it has no version number".to_owned());
        }
        match rule.verdict(version) {
            Verdict::Permitted => Standing::Permitted,
            Verdict::Refused(undecided @ Refusal::PatternTooSlow { .. }) => {
                Standing::Undecided(undecided.to_string())
            }
            Verdict::Refused(refusal) => Standing::Refused(refusal.to_string()),
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
