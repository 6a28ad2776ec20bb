//! Sets of versions, one per source. A set is a possible release.

use super::super::combinations::Combination;
use super::super::conditional::Search;
use super::super::decision::Decision;
use super::super::source_options::{EligibleCandidate, SourceOptions};
use crate::options::{CatchUp, Options};
use crate::version::{Version, VersionFormat};

/// The versions of the next release, in the order of the sources.
pub(in crate::decide) struct Selection {
    pub(in crate::decide) candidates: Vec<EligibleCandidate>,
    /// Another release follows.
    pub(in crate::decide) more: bool,
}

/// The newest versions of the sources that share a part and meet the condition: `sets` begins with the newest one of the
/// lead source.
pub(super) fn newest_shared(
    options: &Options,
    sources: &[SourceOptions<'_>],
    lead: usize,
    sets: Vec<Combination>,
    search: &mut Search<'_, '_>,
) -> Result<Option<Selection>, Decision> {
    let is_newer = |set: &Combination| set.iter().any(EligibleCandidate::is_newer);
    let mut newer: Vec<_> = sets.into_iter().filter(is_newer).rev().collect();
    if options.catch_up == CatchUp::NewestPerMinor {
        newer = newest_per_minor(newer, |set| &set[lead].version);
    }
    let had_one = sources.iter().any(|source| source.previous.is_some());
    let is_in_order = had_one && options.catch_up != CatchUp::Newest;
    if !is_in_order {
        newer.reverse();
    }
    let count = newer.len();
    let found = search.find(newer)?;
    Ok(found.map(|(index, candidates)| Selection {
        candidates,
        more: is_in_order && count > index + 1,
    }))
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
