//! Plans that repeat an earlier release.

use crate::ids::{ReleaseId, TriggerId};

/// The text before the repeated release in a release's notes.
const STAMP: &str = "Feed trigger repeats: ";

/// That a plan repeats a release, and which trigger planned it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeat {
    /// The channel's last release with the same packages.
    pub release: ReleaseId,
    /// The trigger that returns to the packages of `release`.
    pub trigger: TriggerId,
}

impl Repeat {
    pub(super) fn stamp(&self) -> String {
        let Self { release, trigger } = self;
        format!("{STAMP}`{release}` by `{trigger}`")
    }

    /// The repeat that the notes of a release record. `None`: the release repeats none.
    pub fn stamped_in(notes: &str) -> Option<Self> {
        let mut stamps = notes
            .lines()
            .filter_map(|line| line.trim().strip_prefix(STAMP));
        let (release, trigger) = stamps.next()?.trim_matches('`').split_once("` by `")?;
        Some(Self {
            release: ReleaseId::new(release),
            trigger: TriggerId::new(trigger),
        })
    }
}
