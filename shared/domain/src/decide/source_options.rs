//! Source options: the eligible candidates of one source, compared with the previous release.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::refusal::Ineligible;
use super::situation::PackageSnapshot;
use crate::metadata::MetadataOf;
use crate::process::TemplatePackage;
use crate::time::Timestamp;

/// The eligible candidates of one source.
pub(super) struct SourceOptions<'a> {
    pub(super) entry: &'a TemplatePackage,
    pub(super) package: &'a PackageSnapshot,
    /// The version in the previous release.
    pub(super) previous: Option<Cow<'a, str>>,
    /// The package that the previous release has in place of this one.
    pub(super) replaced: Option<&'a str>,
    pub(super) previous_digest: Option<&'a str>,
    /// Newest first, no more than the trigger's options need. Includes versions that are too recent.
    pub(super) candidates: Vec<EligibleCandidate>,
    /// The version of the previous release, if it is still eligible.
    pub(super) current: Option<EligibleCandidate>,
    /// The previous release lacks the package, and existing versions count as known (`firstSight: baseline`).
    pub(super) is_baseline: bool,
    /// The trigger's own conditions refuse the previous version, and an older one replaces it.
    pub(super) is_rolled_back: bool,
    /// The source follows a tag by its digest.
    pub(super) is_followed: bool,
}

/// A version that a release may select, now or later.
#[derive(Clone, Debug)]
pub(super) struct EligibleCandidate {
    pub(super) version: String,
    pub(super) digest: Option<String>,
    /// When it was first seen, or pushed again.
    pub(super) arrived: Timestamp,
    /// Compared with the previous release. `Greater` if that lacks the package.
    pub(super) compared: Ordering,
    /// Not eligible before this time.
    pub(super) too_recent: Option<TooRecent>,
}

/// A version that becomes eligible when it is old enough.
#[derive(Clone, Debug)]
pub(super) struct TooRecent {
    /// The age and the required age, as a predicate: "only 5 min old; minimumAge is 24 h".
    pub(super) why: Ineligible,
    pub(super) until: Timestamp,
}

impl EligibleCandidate {
    pub(super) fn is_newer(&self) -> bool {
        self.compared == Ordering::Greater
    }
}

impl SourceOptions<'_> {
    /// The content of a candidate.
    pub(super) fn content_of(&self, candidate: &EligibleCandidate) -> MetadataOf {
        let content = self.package.snapshot.content_of(&candidate.version);
        content.unwrap_or_else(|| MetadataOf {
            version: candidate.version.clone(),
            digest: candidate.digest.clone(),
            keys: Vec::new(),
            record: None,
        })
    }

    /// The content of the version in the previous release. `None`: there is none, or the feed does not list it.
    pub(super) fn previous_content(&self) -> Option<MetadataOf> {
        let listed = self
            .package
            .snapshot
            .content_of(self.previous.as_deref()?)?;
        let digest = self.previous_digest.map(str::to_owned).or(listed.digest);
        Some(MetadataOf { digest, ..listed })
    }

    /// The latest version that is eligible now.
    pub(super) fn latest(&self) -> Option<&EligibleCandidate> {
        self.eligible().next()
    }

    /// The versions that are eligible now, newest first.
    pub(super) fn eligible(&self) -> impl Iterator<Item = &EligibleCandidate> {
        let candidates = self.candidates.iter();
        candidates.filter(|candidate| candidate.too_recent.is_none())
    }

    /// The versions newer than the previous release, eligible now or later, newest first.
    pub(super) fn newer(&self) -> impl DoubleEndedIterator<Item = &EligibleCandidate> {
        let candidates = self.candidates.iter();
        candidates.filter(|candidate| candidate.is_newer())
    }

    pub(super) fn has_newer(&self) -> bool {
        self.eligible().any(EligibleCandidate::is_newer)
    }

    /// The newer version that becomes eligible first.
    pub(super) fn next_eligible(&self) -> Option<(&EligibleCandidate, &TooRecent)> {
        let recent = self.newer();
        let recent =
            recent.filter_map(|candidate| Some((candidate, candidate.too_recent.as_ref()?)));
        recent.min_by_key(|(_, recent)| recent.until)
    }
}
