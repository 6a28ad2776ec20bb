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
mod combine;
mod eligibility;
mod measure;
mod offer;
mod order;
mod question;
mod reason;
mod shape;

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

use choice::choose;
use combine::{Chosen, combine};
use offer::{Offer, Pick};
pub use question::{Answer, Answers, Question};
pub use reason::Reason;

use crate::feed::Feed;
use crate::ids::{PackageKey, ReleaseId};
use crate::options::QUIET_PERIODS_AT_MOST;
use crate::plan::{Plan, SelectedDigest};
use crate::process::{ChannelRule, ReleaseTemplate};
use crate::snapshot::Snapshot;
use crate::time::{Span, Timestamp};
use crate::trigger::{SourceRef, Trigger};
use crate::version::VersionFormat;

/// How many candidates of a source are reported one by one, newest first; the rest are counted.
pub const REPORTED_CANDIDATES: usize = 25;

/// What `maxReleasesPerHour` counts within.
const HOUR: Span = Span::from_hours(1);

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
    pub packages: &'a BTreeMap<PackageKey, PackageSnapshot>,
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
pub struct PackageSnapshot {
    /// The feed that holds the package.
    pub feed: Feed,
    /// What it held.
    pub snapshot: Snapshot,
}

impl PackageSnapshot {
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
pub struct ExplainedDecision {
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
    pub blocker: Option<String>,
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
pub fn decide(situation: &Situation<'_>) -> ExplainedDecision {
    decide_with(situation, &Answers::default())
}

/// Decides, with the server's answers to the questions of an earlier judgement.
pub fn decide_with(situation: &Situation<'_>, answers: &Answers) -> ExplainedDecision {
    let sources = situation.trigger.sources.iter();
    let choices = sources.map(|source| choose(situation, answers, source));
    let (mut findings, mut questions, mut offers) = (Vec::new(), Vec::new(), Vec::new());
    for choice in choices {
        findings.push(choice.finding);
        questions.extend(choice.question);
        offers.push(choice.offer);
    }
    questions.dedup();
    let (decision, more) = match conclude(situation, offers) {
        Ok((plan, reason, more)) => (Decision::Create(Box::new(plan), reason), more),
        Err(decision) => (decision, false),
    };
    ExplainedDecision {
        decision,
        findings,
        questions,
        more,
    }
}

/// The plan of the next release with its reason, and whether there is another one after it.
fn conclude(
    situation: &Situation<'_>,
    offers: Vec<Result<Offer<'_>, Decision>>,
) -> Result<(Plan, Reason, bool), Decision> {
    if let Some(problem) = &situation.trigger.problem {
        let why = problem.clone();
        return Err(Decision::Wait(Reason::Unready { why }, None));
    }
    if offers.is_empty() {
        return Err(Decision::Skip(Reason::NoSources));
    }
    let offers = offers.into_iter().collect::<Result<Vec<_>, _>>()?;
    let Chosen { picks, more } = combine(situation, &offers)?;
    let reason = reason(&offers, &picks)?;
    wait_for_quiet(situation, &offers)?;
    hold_back(situation)?;
    let plan = shape::plan(situation, &offers, &picks, &reason).map_err(Decision::Refuse)?;
    Ok((plan, reason, more))
}

/// Why the release is made, by the first source that is newer; and none is made in which another is older.
fn reason(offers: &[Offer<'_>], picks: &[Pick]) -> Result<Reason, Decision> {
    let mut newer = None;
    for (offer, pick) in offers.iter().zip(picks) {
        match pick.compared {
            Ordering::Less => {
                return Err(Decision::Refuse(Reason::WouldGoBack {
                    package: offer.entry.package.to_string(),
                    from: offer.previous.unwrap_or_default().to_owned(),
                    to: pick.version.clone(),
                }));
            }
            Ordering::Equal => {}
            Ordering::Greater => {
                newer.get_or_insert_with(|| offer.why(pick));
            }
        }
    }
    newer.ok_or(Decision::Skip(Reason::Baseline))
}

impl Offer<'_> {
    fn why(&self, pick: &Pick) -> Reason {
        let (package, version) = (self.entry.package.to_string(), pick.version.clone());
        match (self.previous, &pick.digest) {
            (None, _) => Reason::First { package, version },
            (Some(previous), Some(digest)) if previous == version => Reason::PushedAgain {
                package,
                tag: version,
                digest: digest.clone(),
            },
            (Some(from), _) if self.is_rolled_back => Reason::RolledBack {
                package,
                from: from.to_owned(),
                to: version,
            },
            (Some(previous), _) => Reason::Newer {
                package,
                version,
                previous: previous.to_owned(),
            },
        }
    }
}

/// Waits until nothing has changed for the quiet period, but not for ever.
fn wait_for_quiet(situation: &Situation<'_>, offers: &[Offer<'_>]) -> Result<(), Decision> {
    let options = &situation.trigger.options;
    let Some(wanted) = options.quiet_period else {
        return Ok(());
    };
    let longest = Span::from_millis(wanted.as_millis().saturating_mul(QUIET_PERIODS_AT_MOST));
    let most = options.max_wait.unwrap_or(longest);
    let newer = offers.iter().flat_map(Offer::newer);
    let ripe = newer.filter(|pick| pick.young.is_none());
    let mut arrived: Vec<_> = ripe.map(|pick| pick.arrived).collect();
    arrived.sort_unstable();
    let (Some(&first), Some(&last)) = (arrived.first(), arrived.last()) else {
        return Ok(());
    };
    let due = (last + wanted).min(first + most);
    if situation.now >= due {
        return Ok(());
    }
    let quiet = situation.now.since(last);
    Err(Decision::Wait(
        Reason::QuietPeriod { quiet, wanted },
        Some(due),
    ))
}

/// Holds back what would be one release too many within the hour.
fn hold_back(situation: &Situation<'_>) -> Result<(), Decision> {
    let Some(most) = situation.trigger.options.max_releases_per_hour else {
        return Ok(());
    };
    let most = usize::try_from(most.get()).unwrap_or(usize::MAX);
    let mut made: Vec<_> = situation.made.iter().map(|&at| at + HOUR).collect();
    made.retain(|over| *over > situation.now);
    made.sort_unstable();
    let Some(index) = made.len().checked_sub(most) else {
        return Ok(());
    };
    let until = made.get(index).copied();
    let made = made.len();
    Err(Decision::Wait(Reason::TooMany { made, most }, until))
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
