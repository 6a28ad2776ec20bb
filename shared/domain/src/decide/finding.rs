//! The findings of a decision: its report on each source.

use super::refusal::VersionRefusal;
use crate::reason_code::ReasonCode;
use crate::trigger::SourceRef;

/// The maximum number of candidates that a finding lists, newest first. The rest is counted.
pub const REPORTED_CANDIDATES: usize = 25;

/// The result for one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub reference: SourceRef,
    /// The package. `None`: the source does not resolve to a package.
    pub package: Option<String>,
    /// The version in the previous release.
    pub previous: Option<String>,
    /// The latest eligible version.
    pub latest: Option<String>,
    /// The digest of `latest`, if the trigger follows a tag.
    pub digest: Option<String>,
    /// The newest candidates, at most [`REPORTED_CANDIDATES`].
    pub candidates: Vec<Candidate>,
    /// The number of all candidates.
    pub considered: usize,
    /// Why the source has no eligible version. `None`: it has one.
    pub blocker: Option<String>,
    /// The code of the blocker.
    pub blocker_code: Option<ReasonCode>,
}

/// A version of a source's package, and whether a release may select it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The version, as published.
    pub version: String,
    /// Why a release may not select it. `None`: it may.
    pub refused: Option<VersionRefusal>,
}

impl Finding {
    pub(super) fn new(reference: SourceRef) -> Self {
        Self {
            reference,
            package: None,
            previous: None,
            latest: None,
            digest: None,
            candidates: Vec::new(),
            considered: 0,
            blocker: None,
            blocker_code: None,
        }
    }
}
