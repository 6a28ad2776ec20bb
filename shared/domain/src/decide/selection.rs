//! Selection: the versions of the next release, one per source, by what `when` requires of the sources together
//! by which of several new versions `catchUp` selects, and by the condition `if`.

mod same_label;
mod sets;

use std::cmp::Ordering;

use super::combinations::{Combination, by_distance, one_by_one};
use super::conditional::Search;
use super::decision::Decision;
use super::lookup::MetadataLookup;
use super::reason::Reason;
use super::situation::Situation;
use super::source_options::{EligibleCandidate, SourceOptions};
use crate::options::{CatchUp, OptionError, Options, When};
use crate::pattern::Pattern;
use crate::version::{Version, VersionFormat};
pub(super) use sets::Selection;
use sets::{newest_per_minor, newest_shared};

/// Selects, or returns why there is nothing to select.
pub(super) fn select(
    situation: &Situation<'_>,
    sources: &[SourceOptions<'_>],
    lookup: &MetadataLookup,
    condition: &mut Vec<(String, String)>,
) -> Result<Selection, Decision> {
    let options = &situation.trigger.options;
    let mut search = Search::new(situation, sources, lookup)?;
    let selection = match &options.when {
        When::SameVersion { extract } => shared(options, sources, extract.as_deref(), &mut search)?,
        When::SameLabel { by } => same_label::select(options, sources, by, lookup, &mut search)?,
        when => independent(options, sources, *when == When::All, &mut search)?,
    };
    match selection {
        Some(selection) if selection.candidates.iter().any(EligibleCandidate::is_newer) => {
            *condition = search.into_values();
            Ok(selection)
        }
        _ => Err(match search.not_met() {
            Some(reason) => not_met(sources, reason),
            None => nothing(situation, sources, lookup),
        }),
    }
}

fn independent(
    options: &Options,
    sources: &[SourceOptions<'_>],
    needs_all: bool,
    search: &mut Search<'_, '_>,
) -> Result<Option<Selection>, Decision> {
    if options.catch_up == CatchUp::Newest {
        let lists = sources
            .iter()
            .map(|source| newest_first(source, needs_all, search));
        let combinations = by_distance(lists.collect());
        let is_conditional = search.is_conditional();
        let is_newer = |one: &Combination| one.iter().any(EligibleCandidate::is_newer);
        // Without a condition, the first combination counts, which may be the previous release.
        let found = search.find(combinations.filter(|one| !is_conditional || is_newer(one)))?;
        return Ok(found.map(|(_, candidates)| Selection {
            candidates,
            more: false,
        }));
    }
    let steps: Vec<Vec<_>> = sources
        .iter()
        .map(|source| steps(options, source))
        .collect();
    if needs_all {
        let more = steps.iter().all(|steps| steps.len() > 1);
        let found = search.find(by_distance(steps))?;
        return Ok(found.map(|(_, candidates)| Selection { candidates, more }));
    }
    let kept = sources.iter().zip(&steps).map(|(source, steps)| {
        let current = source.current.as_ref().or(steps.first());
        current.or_else(|| source.latest()).cloned()
    });
    let kept = kept.collect();
    let count: usize = steps.iter().map(Vec::len).sum();
    let found = search.find(one_by_one(steps, kept))?;
    Ok(found.map(|(index, candidates)| Selection {
        candidates,
        more: count > index + 1,
    }))
}

/// The versions of a source that a release may have, newest first. Without a condition only the first counts.
fn newest_first(
    source: &SourceOptions<'_>,
    needs_newer: bool,
    search: &Search<'_, '_>,
) -> Vec<EligibleCandidate> {
    let latest = source.latest().filter(|one| !needs_newer || one.is_newer());
    if !search.is_conditional() {
        return latest.cloned().into_iter().collect();
    }
    let newer = source.eligible().filter(|one| one.is_newer());
    let current = source.current.iter().filter(|_| !needs_newer);
    let mut versions: Vec<_> = newer.chain(current).cloned().collect();
    if versions.is_empty() {
        versions.extend(latest.cloned());
    }
    versions
}

/// The newer versions of a source that get a release each, in order. A version that is too recent blocks the
/// later ones, because its own release would otherwise be skipped.
fn steps(options: &Options, source: &SourceOptions<'_>) -> Vec<EligibleCandidate> {
    let in_order = source.newer().rev();
    let eligible = in_order.take_while(|candidate| candidate.too_recent.is_none());
    let eligible: Vec<_> = eligible.cloned().collect();
    match options.catch_up {
        CatchUp::NewestPerMinor => newest_per_minor(eligible, |candidate| &candidate.version),
        CatchUp::Newest | CatchUp::Every => eligible,
    }
}

/// The newest version that all sources share, except those that follow a tag.
fn shared(
    options: &Options,
    sources: &[SourceOptions<'_>],
    extract: Option<&str>,
    search: &mut Search<'_, '_>,
) -> Result<Option<Selection>, Decision> {
    let part = SharedPart::new(extract)?;
    let Some(lead) = sources.iter().position(|source| !source.is_followed) else {
        return independent(options, sources, false, search);
    };
    let sets: Vec<Vec<EligibleCandidate>> = sources[lead]
        .eligible()
        .filter_map(|candidate| set(sources, &part, &part.of(&candidate.version)?))
        .filter(|set| set.iter().all(|one| one.compared != Ordering::Less))
        .collect();
    newest_shared(options, sources, lead, sets, search)
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

/// Why the condition permits no release. It may permit one with a version that is too recent.
fn not_met(sources: &[SourceOptions<'_>], reason: Reason) -> Decision {
    let recent = sources.iter().filter_map(SourceOptions::next_eligible);
    match recent.map(|(_, recent)| recent.until).min() {
        Some(until) => Decision::Wait(reason, Some(until)),
        None => Decision::Skip(reason),
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
