//! The decision: from what is, whether a release is to be made, of what, and why.
//!
//! In go the trigger, the snapshots of its sources, the release template and the rules of its channel,
//! and the channel's previous release. Out come a decision with its reason and a finding for each source
//! with the verdict on its candidates. The answers are those of Octopus's own external feed triggers:
//! a release is due when at least one source has a permitted version later than the one in the channel's
//! previous release, and it then gets the latest permitted version of every source. One thing is added:
//! a release never takes a package back to an older version.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

use crate::ids::{PackageKey, ReleaseId};
use crate::plan::{Plan, PlannedPackage};
use crate::process::{ChannelRule, ReleaseTemplate, TemplatePackage, Versioning, rule_for};
use crate::rule::{CompiledRule, RuleStrategy, Verdict};
use crate::snapshot::{Seen, Snapshot};
use crate::time::Timestamp;
use crate::trigger::{Source, SourceRef, Trigger};
use crate::version::{Version, VersionFormat};

/// How many candidates of a source are reported one by one, newest first; the rest are counted.
pub const REPORTED_CANDIDATES: usize = 25;

/// Everything a decision looks at.
pub struct Situation<'a> {
    /// The trigger.
    pub trigger: &'a Trigger,
    /// What a release in the trigger's channel selects.
    pub template: &'a ReleaseTemplate,
    /// The channel's version rules.
    pub rules: &'a [ChannelRule],
    /// The channel's newest release.
    pub previous: Option<&'a PreviousRelease>,
    /// The last complete reading of each package, with the format of its versions. A package that has
    /// never been read is absent.
    pub snapshots: &'a BTreeMap<PackageKey, (VersionFormat, Snapshot)>,
    /// The branch of a project whose process is in Git.
    pub git_ref: Option<&'a str>,
}

/// The newest release of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviousRelease {
    /// Its id.
    pub id: ReleaseId,
    /// Its number.
    pub version: String,
    /// What it selected: action name, package reference, version.
    pub selected: Vec<(String, String, String)>,
}

/// A decision and what led to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// What is to be done.
    pub decision: Decision,
    /// What was found for each source, in the trigger's order.
    pub findings: Vec<Finding>,
}

/// What is to be done, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Create this release.
    Create(Box<Plan>, Reason),
    /// Something is missing that is expected to come; look again later.
    Wait(Reason),
    /// Nothing is to be done.
    Skip(Reason),
    /// What is asked for cannot or must not be done; somebody has to change something.
    Refuse(Reason),
}

impl Decision {
    /// Why.
    pub fn reason(&self) -> &Reason {
        match self {
            Self::Create(_, reason)
            | Self::Wait(reason)
            | Self::Skip(reason)
            | Self::Refuse(reason) => reason,
        }
    }
}

/// Why a decision is what it is. Its text is written for the trigger's owner.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// A source moved on.
    #[error("{package} {version} is newer than {previous} in the previous release")]
    Newer {
        /// The package.
        package: String,
        /// The version that is new.
        version: String,
        /// The version in the previous release.
        previous: String,
    },
    /// The channel has no release with this package yet.
    #[error("the channel has no release with {package} yet; {version} is the latest")]
    First {
        /// The package.
        package: String,
        /// The latest permitted version.
        version: String,
    },
    /// Every source is where the previous release has it.
    #[error("no source is newer than in the previous release {release}")]
    NothingNewer {
        /// The previous release's number.
        release: String,
    },
    /// The trigger's project or channel cannot be used now.
    #[error("{why}")]
    Unready {
        /// What stands in the way, with the remedy.
        why: String,
    },
    /// The trigger has no sources.
    #[error("the trigger selects no packages; choose at least one source in the trigger")]
    NoSources,
    /// A source stands for no package.
    #[error("the source {reference} cannot be followed: {why}")]
    Unresolved {
        /// The source.
        reference: SourceRef,
        /// Why, with the remedy.
        why: String,
    },
    /// A package has not been read.
    #[error("{package} has not been read yet")]
    NotRead {
        /// The package.
        package: String,
    },
    /// Nothing that the feed holds may be used.
    #[error("the channel's rules permit no version of {package}")]
    NothingPermitted {
        /// The package.
        package: String,
    },
    /// The release would take a package back.
    #[error("{package} would go back from {from} to {to}, the latest that is there and permitted")]
    WouldGoBack {
        /// The package.
        package: String,
        /// The version in the previous release.
        from: String,
        /// The latest permitted version now.
        to: String,
    },
    /// A rule cannot be applied.
    #[error("the channel's rule for {package} cannot be applied: {error}")]
    InvalidRule {
        /// The package.
        package: String,
        /// What is wrong with it.
        error: String,
    },
    /// The project takes its release number from a package that gives none here.
    #[error("the release cannot be numbered: {why}")]
    NoNumber {
        /// Why, with the remedy.
        why: String,
    },
}

/// What was found for one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The source.
    pub reference: SourceRef,
    /// The package, if the source stands for one.
    pub package: Option<String>,
    /// Its version in the previous release.
    pub previous: Option<String>,
    /// The latest permitted version.
    pub latest: Option<String>,
    /// The newest candidates with their verdicts, at most [`REPORTED_CANDIDATES`].
    pub candidates: Vec<Candidate>,
    /// How many candidates there are in all.
    pub considered: usize,
    /// Why the source holds the trigger back, if it does.
    pub obstacle: Option<String>,
}

/// One version and its verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The version, as published.
    pub version: String,
    /// Why it may not be used; nothing if it may.
    pub refused: Option<String>,
}

/// Decides. Deterministic: the same situation gives the same judgement.
pub fn decide(situation: &Situation<'_>) -> Judgement {
    let choices: Vec<Choice<'_>> = situation
        .trigger
        .sources
        .iter()
        .map(|source| choose(situation, source))
        .collect();
    let decision = conclude(situation, &choices);
    Judgement {
        decision,
        findings: choices.into_iter().map(|choice| choice.finding).collect(),
    }
}

/// A source with the version chosen for it, or the decision that it forces.
struct Choice<'a> {
    finding: Finding,
    result: Result<Chosen<'a>, Decision>,
}

struct Chosen<'a> {
    entry: &'a TemplatePackage,
    version: String,
    previous: Option<String>,
    /// Against the previous release; `Greater` where that has no version of it.
    compared: Ordering,
}

fn choose<'a>(situation: &Situation<'a>, source: &'a Source) -> Choice<'a> {
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
    let resolved = source.resolution.as_ref().map_err(|why| {
        Decision::Wait(Reason::Unresolved {
            reference: source.reference.clone(),
            why: why.clone(),
        })
    })?;
    let package = resolved.package.package.to_string();
    finding.package = Some(package.clone());
    let template = situation
        .template
        .packages
        .iter()
        .find(|entry| entry.is(&resolved.action_name, &source.reference.package_reference))
        .filter(|entry| entry.package == resolved.package.package)
        .ok_or_else(|| {
            Decision::Wait(Reason::Unresolved {
                reference: source.reference.clone(),
                why: "the process has changed; it is read again within minutes".to_owned(),
            })
        })?;
    let previous = situation
        .previous
        .and_then(|release| selected(release, template));
    finding.previous = previous.map(str::to_owned);
    let (format, snapshot) = situation.snapshots.get(&resolved.package).ok_or_else(|| {
        Decision::Wait(Reason::NotRead {
            package: package.clone(),
        })
    })?;
    let rule = rule_for(situation.rules, template)
        .compile(*format)
        .map_err(|error| {
            Decision::Refuse(Reason::InvalidRule {
                package: package.clone(),
                error: error.to_string(),
            })
        })?;
    let candidates = rank(*format, snapshot, &rule);
    finding.considered = candidates.len();
    finding.candidates = candidates
        .iter()
        .take(REPORTED_CANDIDATES)
        .map(Ranked::report)
        .collect();
    let latest = candidates
        .iter()
        .find(|candidate| candidate.refused.is_none())
        .ok_or_else(|| {
            Decision::Skip(Reason::NothingPermitted {
                package: package.clone(),
            })
        })?;
    finding.latest = Some(latest.text.to_owned());
    let compared = previous.map_or(Ordering::Greater, |previous| {
        compare_with_previous(latest, previous, *format, snapshot, rule.strategy())
    });
    Ok(Chosen {
        entry: template,
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

/// A version of the snapshot with what orders it and what refuses it.
struct Ranked<'a> {
    text: &'a str,
    version: Option<Version>,
    seen: &'a Seen,
    refused: Option<String>,
}

impl Ranked<'_> {
    fn report(&self) -> Candidate {
        Candidate {
            version: self.text.to_owned(),
            refused: self.refused.clone(),
        }
    }

    /// The feed's own date, or else the time at which it was first seen here.
    fn date(&self) -> Timestamp {
        date(self.seen)
    }
}

fn date(seen: &Seen) -> Timestamp {
    seen.published.unwrap_or(seen.first_seen)
}

/// Every version with its verdict, newest first by the rule's strategy; what is no version comes last.
fn rank<'a>(format: VersionFormat, snapshot: &'a Snapshot, rule: &CompiledRule) -> Vec<Ranked<'a>> {
    let by_date = rule.strategy() == RuleStrategy::MostRecentlyPublished;
    let mut ranked: Vec<Ranked<'a>> = snapshot
        .versions()
        .map(|(text, seen)| match Version::parse(format, text) {
            Ok(version) => {
                let refused = refusal(&version, text, rule, by_date);
                Ranked {
                    text,
                    version: Some(version),
                    seen,
                    refused,
                }
            }
            Err(error) => Ranked {
                text,
                version: None,
                seen,
                refused: Some(error.to_string()),
            },
        })
        .collect();
    ranked.sort_by(|one, other| {
        let by_version = one.version.cmp(&other.version);
        let order = if by_date {
            one.date().cmp(&other.date()).then(by_version)
        } else {
            by_version
        };
        order.reverse().then_with(|| one.text.cmp(other.text))
    });
    ranked
}

fn refusal(version: &Version, text: &str, rule: &CompiledRule, by_date: bool) -> Option<String> {
    if !by_date && !has_number(text) {
        return Some("ignored: it has no version number".to_owned());
    }
    match rule.verdict(version) {
        Verdict::Permitted => None,
        Verdict::Refused(refusal) => Some(refusal.to_string()),
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
    let by_version = || latest.version.cmp(&Version::parse(format, previous).ok());
    match (strategy, snapshot.get(previous)) {
        (RuleStrategy::MostRecentlyPublished, Some(seen)) => {
            latest.date().cmp(&date(seen)).then_with(by_version)
        }
        // The previous version is gone from the feed, so its date is too; what is there is later.
        (RuleStrategy::MostRecentlyPublished, None) => Ordering::Greater,
        (RuleStrategy::SemVer, _) => by_version(),
    }
}

fn conclude(situation: &Situation<'_>, choices: &[Choice<'_>]) -> Decision {
    if let Some(problem) = &situation.trigger.problem {
        return Decision::Wait(Reason::Unready {
            why: problem.clone(),
        });
    }
    if choices.is_empty() {
        return Decision::Skip(Reason::NoSources);
    }
    let mut chosen = Vec::with_capacity(choices.len());
    for choice in choices {
        match &choice.result {
            Ok(one) => chosen.push(one),
            Err(decision) => return decision.clone(),
        }
    }
    let Some(newer) = chosen.iter().find(|one| one.compared == Ordering::Greater) else {
        let release = situation
            .previous
            .map_or_else(String::new, |one| one.version.clone());
        return Decision::Skip(Reason::NothingNewer { release });
    };
    if let Some(older) = chosen.iter().find(|one| one.compared == Ordering::Less) {
        return Decision::Refuse(Reason::WouldGoBack {
            package: older.entry.package.to_string(),
            from: older.previous.clone().unwrap_or_default(),
            to: older.version.clone(),
        });
    }
    let mut packages: Vec<PlannedPackage> = chosen.iter().copied().map(planned).collect();
    packages.sort_unstable();
    packages.dedup();
    match release_version(situation.template, &packages) {
        Ok(release_version) => {
            let trigger = situation.trigger;
            let plan = Plan {
                space: trigger.space.clone(),
                project: trigger.project.clone(),
                channel: trigger.channel.clone(),
                packages,
                release_version,
                git_ref: situation.git_ref.map(str::to_owned),
                trigger_name: trigger.name.clone(),
            };
            Decision::Create(Box::new(plan), newer.reason())
        }
        Err(why) => Decision::Refuse(Reason::NoNumber { why }),
    }
}

impl Chosen<'_> {
    fn reason(&self) -> Reason {
        let (package, version) = (self.entry.package.to_string(), self.version.clone());
        match self.previous.clone() {
            Some(previous) => Reason::Newer {
                package,
                version,
                previous,
            },
            None => Reason::First { package, version },
        }
    }
}

fn planned(chosen: &Chosen<'_>) -> PlannedPackage {
    PlannedPackage {
        action_name: chosen.entry.action_name.clone(),
        package_reference: chosen.entry.package_reference.clone(),
        package: chosen.entry.package.to_string(),
        version: chosen.version.clone(),
        previous: chosen.previous.clone(),
    }
}

/// The release's number where it is known beforehand.
fn release_version(
    template: &ReleaseTemplate,
    planned: &[PlannedPackage],
) -> Result<Option<String>, String> {
    let (action, reference) = match &template.versioning {
        Versioning::Template { next } => return Ok(next.clone()),
        Versioning::Donor {
            action_name,
            package_reference,
        } => (action_name, package_reference),
    };
    let Some(donor) = template
        .packages
        .iter()
        .find(|entry| entry.is(action, reference))
    else {
        return Err(format!(
            "the project takes it from `{action}`, which does not run in this channel; let that step \
             run in every channel or number releases by a template"
        ));
    };
    let ours = planned
        .iter()
        .find(|one| donor.is(&one.action_name, &one.package_reference));
    match ours {
        None => Ok(None),
        Some(ours) => Version::parse(VersionFormat::Octopus, &ours.version)
            .map(|_| Some(ours.version.clone()))
            .map_err(|error| format!("{} {}: {error}", ours.package, ours.version)),
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = match self {
            Self::Create(..) => "create",
            Self::Wait(_) => "wait",
            Self::Skip(_) => "skip",
            Self::Refuse(_) => "refuse",
        };
        write!(f, "{verb}: {}", self.reason())
    }
}
