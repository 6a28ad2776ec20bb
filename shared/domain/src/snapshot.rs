//! Snapshots: what a package held when it was last read, and how two of them differ.
//!
//! A complete listing and the clock go in; the next snapshot and the changes come out. A version keeps
//! the time at which we first saw it for as long as it stays; a version that went and came back is new.

use std::collections::BTreeMap;

use crate::time::Timestamp;

/// One version as a complete listing of a feed shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The version or tag, as published.
    pub version: String,
    /// The content's digest, such as `sha256:...`, where the listing gives one or it was asked for.
    pub digest: Option<String>,
    /// When the feed says it was published, where it says so.
    pub published: Option<Timestamp>,
}

/// One version in a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The content's digest where known.
    pub digest: Option<String>,
    /// When the feed says it was published, where it says so.
    pub published: Option<Timestamp>,
    /// When we first saw it: the honest substitute where the feed gives no date.
    pub first_seen: Timestamp,
    /// When we first saw the present digest, if that replaced another one: the version was pushed again.
    pub pushed_again: Option<Timestamp>,
}

impl Seen {
    /// When what the version is now came here first.
    pub fn arrived(&self) -> Timestamp {
        self.pushed_again.unwrap_or(self.first_seen)
    }

    /// Since when what the version is now has been out: by the feed's own date, or else by when it came
    /// here. A push of other content under the same version starts anew.
    pub fn dated(&self) -> Timestamp {
        let published = self.published.unwrap_or(self.first_seen);
        self.pushed_again
            .map_or(published, |again| again.max(published))
    }
}

/// Every version of one package, by its text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    versions: BTreeMap<String, Seen>,
}

/// How a snapshot differs from the one before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// No snapshot existed before.
    pub first_sight: bool,
    /// Versions that were not there before, in text order.
    pub added: Vec<String>,
    /// Versions that are gone, in text order.
    pub removed: Vec<String>,
    /// Versions whose digest is another one now, or is known only now although somebody needs it, in text
    /// order.
    pub digest_changed: Vec<String>,
}

impl Changes {
    /// Nothing that anybody would be told about.
    pub fn is_empty(&self) -> bool {
        !self.first_sight
            && self.added.is_empty()
            && self.removed.is_empty()
            && self.digest_changed.is_empty()
    }
}

impl Snapshot {
    /// A snapshot with these versions, as a store gives them back.
    pub fn from_versions(versions: impl IntoIterator<Item = (String, Seen)>) -> Self {
        Self {
            versions: versions.into_iter().collect(),
        }
    }

    /// All versions with what is known of each, in text order.
    pub fn versions(&self) -> impl Iterator<Item = (&str, &Seen)> {
        self.versions
            .iter()
            .map(|(version, seen)| (version.as_str(), seen))
    }

    /// What is known of one version.
    pub fn get(&self, version: &str) -> Option<&Seen> {
        self.versions.get(version)
    }

    /// The same without what is known of digests: they were of something else than what is wanted now.
    #[must_use]
    pub fn without_digests(mut self) -> Self {
        for seen in self.versions.values_mut() {
            seen.digest = None;
        }
        self
    }

    /// How many versions it holds.
    pub fn len(&self) -> usize {
        self.versions.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.versions.is_empty()
    }
}

/// From so many versions on, a package does not lose most of them by the way.
const MANY: usize = 10;

/// Whether a listing is so much smaller than the snapshot before it that it may be a mistake of whoever
/// published it: it has fewer than half of the earlier versions, of which there were at least 10, or none
/// at all. Indexes were published that way and put right within the hour. Such a listing is believed when
/// it is seen again.
pub fn is_suspicious(before: &Snapshot, listing: &[Listed]) -> bool {
    if before.is_empty() {
        return false;
    }
    let mut kept: Vec<_> = listing
        .iter()
        .map(|listed| listed.version.as_str())
        .filter(|version| before.get(version).is_some())
        .collect();
    kept.sort_unstable();
    kept.dedup();
    listing.is_empty() || (before.len() >= MANY && kept.len() * 2 < before.len())
}

/// The snapshot after a complete `listing` at `now`, and how it differs from `before`.
///
/// A digest that the listing does not give is carried over, so an absent digest is never a change.
pub fn advance(
    before: Option<&Snapshot>,
    listing: Vec<Listed>,
    now: Timestamp,
) -> (Snapshot, Changes) {
    let mut changes = Changes {
        first_sight: before.is_none(),
        ..Changes::default()
    };
    let mut versions = BTreeMap::new();
    for listed in listing {
        let known = before.and_then(|snapshot| snapshot.get(&listed.version));
        let old_digest = known.and_then(|seen| seen.digest.as_ref());
        let is_pushed_again = listed
            .digest
            .as_ref()
            .is_some_and(|new| old_digest.is_some_and(|old| old != new));
        if is_pushed_again {
            changes.digest_changed.push(listed.version.clone());
        }
        let seen = Seen {
            digest: listed
                .digest
                .or_else(|| known.and_then(|seen| seen.digest.clone())),
            published: listed
                .published
                .or_else(|| known.and_then(|seen| seen.published)),
            first_seen: known.map_or(now, |seen| seen.first_seen),
            pushed_again: if is_pushed_again {
                Some(now)
            } else {
                known.and_then(|seen| seen.pushed_again)
            },
        };
        versions.insert(listed.version, seen);
    }
    if let Some(before) = before {
        changes.added = versions
            .keys()
            .filter(|version| before.get(version).is_none())
            .cloned()
            .collect();
        changes.removed = before
            .versions
            .keys()
            .filter(|version| !versions.contains_key(*version))
            .cloned()
            .collect();
    } else {
        changes.added = versions.keys().cloned().collect();
    }
    changes.digest_changed.sort_unstable();
    changes.digest_changed.dedup();
    (Snapshot { versions }, changes)
}
