//! The decision: whether a release is due, with which versions, and why.
//!
//! Six stages, one file each:
//!
//! 1. **Candidate**: a version of a source's package, in order (`candidate`, `ordering`).
//! 2. **Eligibility**: whether a release may select the candidate (`eligibility`, `criteria`).
//! 3. **Source options**: the eligible candidates of one source, compared with the previous release
//!    (`collect`, `source_options`).
//! 4. **Selection**: one version per source (`selection`, `combinations`) that meets the trigger's condition
//!    (`conditional`), unless a limit makes it wait (`limits`).
//! 5. **Plan**: the release with its number, notes and custom fields (`planning`).
//! 6. **Decision**: create, wait, skip or refuse, with the reason and a finding per source (`decision`).
//!
//! The rules are those of Octopus's own external feed triggers: a release is due when at least one source has
//! a permitted version later than the one in the channel's previous release, and it selects the latest
//! permitted version of every source. In addition, a release never moves a package back to an older version.
//! A rule that only the server can evaluate becomes a question of the decision.

mod candidate;
mod collect;
mod combinations;
mod conditional;
mod criteria;
mod decision;
mod eligibility;
mod finding;
mod limits;
mod lookup;
mod ordering;
mod planning;
mod question;
mod reason;
mod refusal;
mod repeat;
mod requirements;
mod selection;
mod situation;
mod source_options;

use std::cmp::Ordering;

pub use decision::{Decision, ExplainedDecision};
pub use finding::{Candidate, Finding, REPORTED_CANDIDATES};
pub use question::{Answer, Answers, Question};
pub use reason::Reason;
pub use refusal::{RefusalCode, VersionRefusal};
pub use situation::{PackageSnapshot, PreviousRelease, Situation};

use crate::plan::Plan;
use collect::collect;
use limits::{check_quiet_period, check_rate, check_window};
use lookup::MetadataLookup;
use requirements::check_requirements;
use selection::{Selection, select};
use source_options::{EligibleCandidate, SourceOptions};

/// Decides. Deterministic: the same situation results in the same decision.
pub fn decide(situation: &Situation<'_>) -> ExplainedDecision {
    decide_with(situation, &Answers::default())
}

/// Decides, with the server's answers to the questions of an earlier decision.
pub fn decide_with(situation: &Situation<'_>, answers: &Answers) -> ExplainedDecision {
    let sources = situation.trigger.sources.iter();
    let collected = sources.map(|source| collect(situation, answers, source));
    let (mut findings, mut questions, mut options) = (Vec::new(), Vec::new(), Vec::new());
    for source in collected {
        findings.push(source.finding);
        questions.extend(source.question);
        options.push(source.options);
    }
    questions.dedup();
    let lookup = MetadataLookup::new(situation.now, answers.metadata_is_final());
    let mut condition = Vec::new();
    let (decision, more) = match conclude(situation, options, &lookup, &mut condition) {
        Ok((plan, reason, more)) => (Decision::Create(Box::new(plan), reason), more),
        Err(decision) => (decision, false),
    };
    ExplainedDecision {
        decision,
        findings,
        questions,
        unread: lookup.into_unread(),
        condition,
        more,
    }
}

/// The plan of the next release with its reason, and whether another release follows. `condition` gets the values of the
/// trigger's condition for the selected versions.
fn conclude(
    situation: &Situation<'_>,
    sources: Vec<Result<SourceOptions<'_>, Decision>>,
    lookup: &MetadataLookup,
    condition: &mut Vec<(String, String)>,
) -> Result<(Plan, Reason, bool), Decision> {
    if let Some(problem) = &situation.trigger.problem {
        let why = problem.clone();
        return Err(Decision::Wait(Reason::NotReady { why }, None));
    }
    if sources.is_empty() {
        return Err(Decision::Skip(Reason::NoSources));
    }
    let sources = sources.into_iter().collect::<Result<Vec<_>, _>>()?;
    if let Some(problem) = situation.unmatched_rule {
        let why = problem.clone();
        return Err(Decision::Refuse(Reason::UnmatchedRule { why }));
    }
    let Selection { candidates, more } = select(situation, &sources, lookup, condition)?;
    let reason = reason(&sources, &candidates)?;
    check_quiet_period(situation, &sources)?;
    check_rate(situation)?;
    check_requirements(situation, &sources, &candidates, lookup)?;
    let mut plan = planning::plan(situation, &sources, &candidates, &reason, lookup)?;
    plan.repeats = repeat::repeated(situation, &plan)?;
    // Last, so that an invalid template is reported before the window opens.
    check_window(situation)?;
    Ok((plan, reason, more))
}

/// The reason for the release, by the first newer source. Refuses a release in which a source is older.
fn reason(
    sources: &[SourceOptions<'_>],
    candidates: &[EligibleCandidate],
) -> Result<Reason, Decision> {
    let mut newer = None;
    for (source, candidate) in sources.iter().zip(candidates) {
        match candidate.compared {
            Ordering::Less => {
                return Err(Decision::Refuse(Reason::WouldGoBack {
                    package: source.entry.package.to_string(),
                    from: source.previous.as_deref().unwrap_or_default().to_owned(),
                    to: candidate.version.clone(),
                }));
            }
            Ordering::Equal => {}
            Ordering::Greater => {
                newer.get_or_insert_with(|| reason_of(source, candidate));
            }
        }
    }
    newer.ok_or(Decision::Skip(Reason::Baseline))
}

fn reason_of(source: &SourceOptions<'_>, candidate: &EligibleCandidate) -> Reason {
    let package = source.entry.package.to_string();
    let version = candidate.version.clone();
    match (source.previous.as_deref(), &candidate.digest) {
        (None, _) => match source.replaced {
            Some(former) => Reason::OtherPackage {
                package,
                version,
                former: former.to_owned(),
            },
            None => Reason::First { package, version },
        },
        (Some(previous), Some(digest)) if previous == version => Reason::PushedAgain {
            package,
            tag: version,
            digest: digest.clone(),
        },
        (Some(from), _) if source.is_rolled_back => Reason::RolledBack {
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
