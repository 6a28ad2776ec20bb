//! Selection: the versions of the next release, one per source, by what `when` requires of the sources together
//! and by which of several new versions `catchUp` selects.

mod same_label;
mod sets;

use std::cmp::Ordering;

use super::decision::Decision;
use super::lookup::MetadataLookup;
use super::reason::Reason;
use super::situation::Situation;
use super::source_options::{EligibleCandidate, SourceOptions};
use crate::options::{CatchUp, OptionError, Options, When};
use crate::pattern::Pattern;
use crate::time::Timestamp;
use crate::version::{Version, VersionFormat};
pub(super) use sets::Selection;
use sets::{newest_per_minor, newest_shared};

/// Selects, or returns why there is nothing to select.
pub(super) fn select(
    situation: &Situation<'_>,
    sources: &[SourceOptions<'_>],
    lookup: &MetadataLookup,
) -> Result<Selection, Decision> {
    let options = &situation.trigger.options;
    let selection = match &options.when {
        When::SameVersion { extract } => shared(options, sources, extract.as_deref())?,
        When::SameLabel { by } => same_label::select(options, sources, by, lookup)?,
        when => independent(options, sources, *when == When::All),
    };
    match selection {
        Some(selection) if selection.candidates.iter().any(EligibleCandidate::is_newer) => {
            Ok(selection)
        }
        _ => Err(nothing(situation, sources, lookup)),
    }
}

fn independent(
    options: &Options,
    sources: &[SourceOptions<'_>],
    needs_all: bool,
) -> Option<Selection> {
    let steps = || {
        sources
            .iter()
            .map(|source| steps(options, source))
            .collect::<Vec<_>>()
    };
    match (options.catch_up, needs_all) {
        (CatchUp::Newest, false) => {
            let latest = sources.iter().map(|source| source.latest().cloned());
            let candidates = latest.collect::<Option<_>>()?;
            Some(Selection {
                candidates,
                more: false,
            })
        }
        (CatchUp::Newest, true) => {
            let newer = |source: &SourceOptions<'_>| {
                let latest = source.latest().cloned();
                latest.filter(EligibleCandidate::is_newer)
            };
            let candidates = sources.iter().map(newer).collect::<Option<_>>()?;
            Some(Selection {
                candidates,
                more: false,
            })
        }
        (_, true) => {
            let steps = steps();
            let first = |steps: &Vec<&EligibleCandidate>| steps.first().map(|&one| one.clone());
            let candidates = steps.iter().map(first).collect::<Option<_>>()?;
            let more = steps.iter().all(|steps| steps.len() > 1);
            Some(Selection { candidates, more })
        }
        (_, false) => one_step(sources, &steps()),
    }
}

/// The newer versions of a source that get a release each, in order. A version that is too recent blocks the
/// later ones, because its own release would otherwise be skipped.
fn steps<'o>(options: &Options, source: &'o SourceOptions<'_>) -> Vec<&'o EligibleCandidate> {
    let in_order = source.newer().rev();
    let eligible = in_order.take_while(|candidate| candidate.too_recent.is_none());
    let eligible: Vec<_> = eligible.collect();
    match options.catch_up {
        CatchUp::NewestPerMinor => newest_per_minor(eligible, |candidate| &candidate.version),
        CatchUp::Newest | CatchUp::Every => eligible,
    }
}

/// The source whose next version arrived first moves by one version; the others keep theirs.
fn one_step(sources: &[SourceOptions<'_>], steps: &[Vec<&EligibleCandidate>]) -> Option<Selection> {
    let (moving, _) = steps
        .iter()
        .enumerate()
        .filter_map(|(index, steps)| Some((index, steps.first()?.arrived)))
        .min_by_key(|&(index, arrived): &(usize, Timestamp)| (arrived, index))?;
    let candidates = sources.iter().zip(steps).enumerate();
    let candidates = candidates.map(|(index, (source, steps))| {
        let first = steps.first().map(|&candidate| candidate.clone());
        if index == moving {
            return first;
        }
        let current = source.current.clone();
        current.or(first).or_else(|| source.latest().cloned())
    });
    Some(Selection {
        candidates: candidates.collect::<Option<_>>()?,
        more: steps.iter().map(Vec::len).sum::<usize>() > 1,
    })
}

/// The newest version that all sources share, except those that follow a tag.
fn shared(
    options: &Options,
    sources: &[SourceOptions<'_>],
    extract: Option<&str>,
) -> Result<Option<Selection>, Decision> {
    let part = SharedPart::new(extract)?;
    let Some(lead) = sources.iter().position(|source| !source.is_followed) else {
        return Ok(independent(options, sources, false));
    };
    let sets: Vec<Vec<EligibleCandidate>> = sources[lead]
        .eligible()
        .filter_map(|candidate| set(sources, &part, &part.of(&candidate.version)?))
        .filter(|set| set.iter().all(|one| one.compared != Ordering::Less))
        .collect();
    Ok(newest_shared(options, sources, lead, &sets))
}

/// The version with this part of each source; the tag of each source that follows one.
fn set(
    sources: &[SourceOptions<'_>],
    part: &SharedPart,
    shared: &Version,
) -> Option<Vec<EligibleCandidate>> {
    let of = |source: &SourceOptions<'_>| {
        let mut eligible = source.eligible();
        let is_it = |candidate: &&EligibleCandidate| {
            source.is_followed
                || part
                    .of(&candidate.version)
                    .is_some_and(|own| own == *shared)
        };
        eligible.find(is_it).cloned()
    };
    sources.iter().map(of).collect()
}

/// The part of the versions that must be the same; `None` is the whole version.
struct SharedPart(Option<Pattern>);

impl SharedPart {
    fn new(extract: Option<&str>) -> Result<Self, Decision> {
        let pattern = extract.map(Pattern::parse).transpose();
        pattern.map(Self).map_err(|error| {
            let error = OptionError {
                option: "when.sameVersion.extract".to_owned(),
                problem: error.to_string(),
            };
            let package = None;
            Decision::Refuse(Reason::InvalidOption { package, error })
        })
    }

    /// Compared as versions, so that `v1.2` and `1.2.0` are the same.
    fn of(&self, text: &str) -> Option<Version> {
        let part = match &self.0 {
            None => text,
            Some(pattern) => pattern.extract(text).ok()??,
        };
        Version::parse(VersionFormat::Octopus, part).ok()
    }
}

/// Why there is nothing to select.
fn nothing(
    situation: &Situation<'_>,
    sources: &[SourceOptions<'_>],
    lookup: &MetadataLookup,
) -> Decision {
    let options = &situation.trigger.options;
    let recent = sources
        .iter()
        .filter_map(|source| Some((source, source.next_eligible()?)));
    let soonest = recent.min_by_key(|(_, (_, recent))| recent.until);
    let at = soonest.as_ref().map(|(_, (_, recent))| recent.until);
    if sources.iter().any(SourceOptions::has_newer) {
        match &options.when {
            When::All => {
                let missing = sources.iter().filter(|source| !source.has_newer());
                let missing = names(missing, |source| source.entry.package.to_string());
                return Decision::Wait(Reason::NotAll { missing }, at);
            }
            When::SameVersion { .. } => {
                let newest = names(sources.iter(), |source| {
                    let latest = source.latest().map_or("none", |one| one.version.as_str());
                    format!("{} {latest}", source.entry.package)
                });
                return Decision::Wait(Reason::NothingInCommon { newest }, at);
            }
            When::SameLabel { by } => {
                let newest = names(sources.iter(), |source| {
                    same_label::newest(source, by, lookup)
                });
                let label = by.clone();
                return Decision::Wait(Reason::NoLabelInCommon { label, newest }, at);
            }
            When::Any => {}
        }
    }
    if let Some((source, (candidate, recent))) = soonest {
        let reason = Reason::TooRecent {
            package: source.entry.package.to_string(),
            version: candidate.version.clone(),
            why: recent.why.to_string(),
        };
        return Decision::Wait(reason, Some(recent.until));
    }
    if sources.iter().any(|source| source.is_baseline) {
        return Decision::Skip(Reason::Baseline);
    }
    let release = situation
        .previous
        .map_or_else(String::new, |one| one.version.clone());
    Decision::Skip(Reason::NothingNewer { release })
}

fn names<'o, 'a: 'o>(
    sources: impl Iterator<Item = &'o SourceOptions<'a>>,
    name: impl Fn(&SourceOptions<'_>) -> String,
) -> String {
    sources.map(name).collect::<Vec<_>>().join(", ")
}
