//! The decision: from what is, whether a release is to be made, of what, and why.
//!
//! In go the trigger, the snapshots of its sources, the release template and the rules of its channel,
//! and the channel's previous release. Out come a decision with its reason and a finding for each source
//! with the verdict on its candidates. The answers are those of Octopus's own external feed triggers:
//! a release is due when at least one source has a permitted version later than the one in the channel's
//! previous release, and it then gets the latest permitted version of every source. One thing is added:
//! a release never takes a package back to an older version. Where a rule can only be applied by the
//! server, the judgement asks for its answer.

mod choice;
mod question;
mod reason;
mod standing;

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

use choice::{Choice, Chosen, choose};
pub use question::{Answer, Answers, Question};
pub use reason::Reason;

use crate::feed::Feed;
use crate::ids::{PackageKey, ReleaseId};
use crate::plan::{Plan, PlannedPackage, SelectedDigest};
use crate::process::{ChannelRule, ReleaseTemplate, Versioning};
use crate::snapshot::Snapshot;
use crate::time::Timestamp;
use crate::trigger::{SourceRef, Trigger};
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
    /// The last complete reading of each package. A package that has never been read is absent.
    pub packages: &'a BTreeMap<PackageKey, Held>,
    /// The branch or tag of a project whose process is in Git.
    pub git_ref: Option<&'a str>,
    /// The channel's name.
    pub channel_name: &'a str,
    /// The custom fields that a release in the channel must have, by their names.
    pub custom_fields: &'a [String],
    /// When the channel's newest releases of ours were made, newest first, as many as a limit needs.
    pub made: &'a [Timestamp],
    /// The time.
    pub now: Timestamp,
}

/// What a package held when it was last read in full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The feed that holds the package.
    pub feed: Feed,
    /// What it held.
    pub snapshot: Snapshot,
}

impl Held {
    /// The format of its versions.
    pub fn format(&self) -> VersionFormat {
        self.feed.kind.version_format()
    }
}

/// The newest release of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviousRelease {
    /// Its id.
    pub id: ReleaseId,
    /// Its number.
    pub version: String,
    /// When it was made, where the server says so.
    pub assembled: Option<Timestamp>,
    /// What it selected: action name, package reference, version.
    pub selected: Vec<(String, String, String)>,
    /// The digests of what it selected, where its notes tell them.
    pub digests: Vec<SelectedDigest>,
}

/// A decision and what led to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// What is to be done.
    pub decision: Decision,
    /// What was found for each source, in the trigger's order.
    pub findings: Vec<Finding>,
    /// What only the server can tell and the decision hangs on. With the answers it is to be decided
    /// again, by [`decide_with`].
    pub questions: Vec<Question>,
    /// After this release there is another one to make at once.
    pub more: bool,
}

/// What is to be done, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Create this release.
    Create(Box<Plan>, Reason),
    /// Something is missing that is expected to come; look again then, or with the next change.
    Wait(Reason, Option<Timestamp>),
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
            | Self::Wait(reason, _)
            | Self::Skip(reason)
            | Self::Refuse(reason) => reason,
        }
    }
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
    /// Its digest, where the trigger follows it.
    pub digest: Option<String>,
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
    decide_with(situation, &Answers::default())
}

/// Decides, with the server's answers to the questions of an earlier judgement.
pub fn decide_with(situation: &Situation<'_>, answers: &Answers) -> Judgement {
    let choices: Vec<Choice<'_>> = situation
        .trigger
        .sources
        .iter()
        .map(|source| choose(situation, answers, source))
        .collect();
    let decision = conclude(situation, &choices);
    let (findings, questions): (_, Vec<_>) = choices
        .into_iter()
        .map(|choice| (choice.finding, choice.question))
        .unzip();
    let mut questions: Vec<_> = questions.into_iter().flatten().collect();
    questions.dedup();
    Judgement {
        decision,
        findings,
        questions,
        more: false,
    }
}

fn conclude(situation: &Situation<'_>, choices: &[Choice<'_>]) -> Decision {
    if let Some(problem) = &situation.trigger.problem {
        let why = problem.clone();
        return Decision::Wait(Reason::Unready { why }, None);
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
                notes: String::new(),
                custom_fields: BTreeMap::new(),
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
        digest: None,
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
            Self::Wait(..) => "wait",
            Self::Skip(_) => "skip",
            Self::Refuse(_) => "refuse",
        };
        write!(f, "{verb}: {}", self.reason())
    }
}
