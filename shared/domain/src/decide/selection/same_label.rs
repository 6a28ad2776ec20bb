//! Selects versions with the same value of a label, such as the images of one commit.
//!
//! Only the newest versions of each source are compared, because the labels of each version cost requests.

use std::cmp::Ordering;

use super::super::conditional::Search;
use super::super::decision::Decision;
use super::super::lookup::{Known, MetadataLookup, unavailable};
use super::super::source_options::{EligibleCandidate, SourceOptions};
use super::sets::{Selection, newest_shared};
use crate::options::Options;

/// The eligible versions of a source that are compared, newest first. More are rarely built between two releases, and a
/// check reads their labels in some seconds.
const COMPARED: usize = 10;

/// A version with the value of its label. `None`: it does not have the label, or its labels cannot be read.
struct Labelled<'o> {
    candidate: &'o EligibleCandidate,
    value: Option<String>,
    unavailable: Option<Decision>,
}

/// The newest versions with the same value, or `None` if there are none that are newer than the previous release.
pub(super) fn select(
    options: &Options,
    sources: &[SourceOptions<'_>],
    label: &str,
    lookup: &MetadataLookup,
    search: &mut Search<'_, '_>,
) -> Result<Option<Selection>, Decision> {
    let mut unread = None;
    let labelled: Vec<_> = sources
        .iter()
        .map(|source| labelled(source, label, lookup, &mut unread))
        .collect();
    if let Some(wait) = unread {
        return Err(wait);
    }
    let Some((lead, _)) = labelled.split_first() else {
        return Ok(None);
    };
    let set = |one: &Labelled<'_>| {
        let value = one.value.as_ref()?;
        let newest = |versions: &Vec<Labelled<'_>>| {
            let mut same = versions.iter();
            let found = same.find(|other| other.value.as_ref() == Some(value))?;
            Some(found.candidate.clone())
        };
        labelled.iter().map(newest).collect::<Option<Vec<_>>>()
    };
    let sets: Vec<_> = lead.iter().filter_map(set).collect();
    let selected = newest_shared(options, sources, 0, sets, search)?;
    match unavailable_before(&labelled, selected.as_ref()) {
        Some(wait) => Err(wait),
        None => Ok(selected),
    }
}

/// The newest versions that do not go back behind the previous release, with the values of their labels.
fn labelled<'o>(
    source: &'o SourceOptions<'_>,
    label: &str,
    lookup: &MetadataLookup,
    unread: &mut Option<Decision>,
) -> Vec<Labelled<'o>> {
    let candidates = source.eligible();
    let candidates = candidates.filter(|one| one.compared != Ordering::Less);
    let mut with_value = |candidate: &'o EligibleCandidate| {
        let (mut value, mut failure) = (None, None);
        match lookup.of(source, source.content_of(candidate)) {
            Known::Read(metadata) => value = metadata.label(label).map(str::to_owned),
            Known::Failed { why, until } => {
                let package = source.entry.package.to_string();
                failure = Some(unavailable(&package, &candidate.version, why, until));
            }
            Known::Unread(missing) => {
                let wait = lookup.wait_for(&missing);
                unread.get_or_insert(wait);
            }
        }
        Labelled {
            candidate,
            value,
            unavailable: failure,
        }
    };
    candidates.take(COMPARED).map(&mut with_value).collect()
}

/// The decision to wait for the labels of a version that is newer than the selected one of its source: it may be the one
/// that belongs to the others.
fn unavailable_before(
    labelled: &[Vec<Labelled<'_>>],
    selected: Option<&Selection>,
) -> Option<Decision> {
    labelled.iter().enumerate().find_map(|(at, versions)| {
        let selected = selected.map(|one| one.candidates[at].version.as_str());
        let newer = versions
            .iter()
            .take_while(|one| Some(one.candidate.version.as_str()) != selected);
        newer.filter_map(|one| one.unavailable.clone()).next()
    })
}

/// The newest version of a source with the value of its label, for the reason.
pub(super) fn newest(source: &SourceOptions<'_>, label: &str, lookup: &MetadataLookup) -> String {
    let package = &source.entry.package;
    let Some(latest) = source.latest() else {
        return format!("{package} none");
    };
    let value = match lookup.of(source, source.content_of(latest)) {
        Known::Read(metadata) => metadata.label(label).map(str::to_owned),
        Known::Failed { .. } | Known::Unread(_) => None,
    };
    let value = value.unwrap_or_else(|| "without the label".to_owned());
    format!("{package} {} ({value})", latest.version)
}
