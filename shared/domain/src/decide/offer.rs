//! What one source has to offer for the next release.

use std::cmp::Ordering;

use super::PackageSnapshot;
use crate::process::TemplatePackage;
use crate::time::Timestamp;

/// What a source has to offer.
pub(super) struct Offer<'a> {
    pub(super) entry: &'a TemplatePackage,
    pub(super) held: &'a PackageSnapshot,
    /// In the previous release.
    pub(super) previous: Option<&'a str>,
    pub(super) previous_digest: Option<&'a str>,
    /// What may be released, newest first, as far as anybody needs to know; also what will be permitted
    /// when it is older.
    pub(super) picks: Vec<Pick>,
    /// What the previous release has, if it may still be released.
    pub(super) standing_still: Option<Pick>,
    /// The previous release has none of it, and what was there at first counts as known.
    pub(super) is_baseline: bool,
    /// The trigger's own conditions refuse the previous version, and it is to be replaced.
    pub(super) is_rolled_back: bool,
    /// It is followed by its digest.
    pub(super) is_followed: bool,
}

/// A version that may be released.
#[derive(Clone, Debug)]
pub(super) struct Pick {
    pub(super) version: String,
    pub(super) digest: Option<String>,
    /// When it came here.
    pub(super) arrived: Timestamp,
    /// Against the previous release; `Greater` where that has no version of it.
    pub(super) compared: Ordering,
    /// It will be permitted from then on; why not yet.
    pub(super) young: Option<(String, Timestamp)>,
}

impl Offer<'_> {
    /// The latest version that may be released now.
    pub(super) fn latest(&self) -> Option<&Pick> {
        self.ripe().next()
    }

    /// What may be released now, newest first.
    pub(super) fn ripe(&self) -> impl Iterator<Item = &Pick> {
        self.picks.iter().filter(|pick| pick.young.is_none())
    }

    /// What is newer than in the previous release, and may be released now or later, newest first.
    pub(super) fn newer(&self) -> impl DoubleEndedIterator<Item = &Pick> {
        self.picks
            .iter()
            .filter(|pick| pick.compared == Ordering::Greater)
    }

    /// The newer version that is permitted first, and when.
    pub(super) fn ripens(&self) -> Option<(&Pick, &str, Timestamp)> {
        let young = self.newer().filter_map(|pick| {
            let (why, at) = pick.young.as_ref()?;
            Some((pick, why.as_str(), *at))
        });
        young.min_by_key(|(_, _, at)| *at)
    }
}
