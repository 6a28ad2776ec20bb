//! Sets of versions, one per source. A set is a possible release.

use super::super::source_options::{EligibleCandidate, SourceOptions};
use crate::options::{CatchUp, Options};
use crate::version::{Version, VersionFormat};

/// The versions of the next release, in the order of the sources.
pub(in crate::decide) struct Selection {
    pub(in crate::decide) candidates: Vec<EligibleCandidate>,
    /// Another release follows.
    pub(in crate::decide) more: bool,
}

/// The newest versions of the sources that share a part: `sets` begins with the newest one of the lead
/// source.
pub(super) fn newest_shared(
    options: &Options,
    sources: &[SourceOptions<'_>],
    lead: usize,
    sets: &[Vec<EligibleCandidate>],
) -> Option<Selection> {
    let is_newer = |set: &&Vec<EligibleCandidate>| set.iter().any(EligibleCandidate::is_newer);
    let mut newer: Vec<_> = sets.iter().filter(is_newer).rev().collect();
    if options.catch_up == CatchUp::NewestPerMinor {
        newer = newest_per_minor(newer, |set| &set[lead].version);
    }
    let had_one = sources.iter().any(|source| source.previous.is_some());
    let next = match options.catch_up {
        CatchUp::Every | CatchUp::NewestPerMinor if had_one => newer.first(),
        _ => newer.last(),
    };
    next.map(|&candidates| Selection {
        candidates: candidates.clone(),
        more: had_one && options.catch_up != CatchUp::Newest && newer.len() > 1,
    })
}

/// The last of each run with the same major and minor version.
pub(super) fn newest_per_minor<T>(in_order: Vec<T>, version: impl Fn(&T) -> &str) -> Vec<T> {
    let minor = |text: &str| {
        let version = Version::parse(VersionFormat::Octopus, text).ok()?;
        let [major, minor, ..] = version.numbers();
        Some((major, minor))
    };
    let mut newest: Vec<T> = Vec::new();
    for one in in_order {
        let own = minor(version(&one));
        if let Some(last) = newest.last_mut()
            && own.is_some()
            && minor(version(last)) == own
        {
            *last = one;
        } else {
            newest.push(one);
        }
    }
    newest
}
