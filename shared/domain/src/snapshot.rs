//! Snapshots: the versions of a package when it was last read, and the difference between two of them.
//!
//! [`advance`] computes the next snapshot and the changes from a complete listing and the time. A version keeps
//! the time at which it was first seen while it is listed; a version that disappeared and reappears is new.

use std::collections::BTreeMap;

use crate::time::{Span, Timestamp};

/// One version of a complete listing of a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The version or tag, as published.
    pub version: String,
    /// The content's digest, such as `sha256:...`. `None`: neither listed nor requested.
    pub digest: Option<String>,
    /// The publishing date. `None`: the feed reports none.
    pub published: Option<Timestamp>,
}

/// One version in a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The content's digest. `None`: unknown.
    pub digest: Option<String>,
    /// The publishing date. `None`: the feed reports none.
    pub published: Option<Timestamp>,
    /// When it was first seen here: the substitute if the feed reports no date.
    pub first_seen: Timestamp,
    /// When the current digest was first seen, if it replaced another one: the version was pushed again.
    pub pushed_again: Option<Timestamp>,
}

impl Seen {
    /// When the current content was first seen.
    pub fn arrived(&self) -> Timestamp {
        self.pushed_again.unwrap_or(self.first_seen)
    }

    /// The date of the current content: the publishing date, or else when it was first seen. A push of other
    /// content under the same version restarts it.
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

/// The difference between a snapshot and the one before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The package had no snapshot before.
    pub first_sight: bool,
    /// New versions, in text order.
    pub added: Vec<String>,
    /// Versions that are no longer listed, in text order.
    pub removed: Vec<String>,
    /// Versions with a new digest, or with a required digest that is known for the first time, in text order.
    pub digest_changed: Vec<String>,
}

impl Changes {
    pub fn is_empty(&self) -> bool {
        !self.first_sight
            && self.added.is_empty()
            && self.removed.is_empty()
            && self.digest_changed.is_empty()
    }
}

impl Snapshot {
    /// A snapshot with these versions, as read from a store.
    pub fn from_versions(versions: impl IntoIterator<Item = (String, Seen)>) -> Self {
        Self {
            versions: versions.into_iter().collect(),
        }
    }

    /// All versions, in text order.
    pub fn versions(&self) -> impl Iterator<Item = (&str, &Seen)> {
        self.versions
            .iter()
            .map(|(version, seen)| (version.as_str(), seen))
    }

    pub fn get(&self, version: &str) -> Option<&Seen> {
        self.versions.get(version)
    }

    /// The same snapshot without digests, which were of another platform than the current one.
    #[must_use]
    pub fn without_digests(mut self) -> Self {
        for seen in self.versions.values_mut() {
            seen.digest = None;
        }
        self
    }

    pub fn len(&self) -> usize {
        self.versions.len()
    }

    pub fn is_empty(&self) -> bool {
        self.versions.is_empty()
    }
}

/// The number of versions from which the loss of most of them is suspicious.
const SHRINK_GUARD_FROM: usize = 10;

/// Shrink guard: whether a listing may be a publisher's mistake, because it has none of the snapshot's versions,
/// or fewer than half of at least 10. Public indexes were published that way and corrected within the hour. A
/// suspected listing is confirmed when it is read again.
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
    listing.is_empty() || (before.len() >= SHRINK_GUARD_FROM && kept.len() * 2 < before.len())
}

/// The snapshot after a complete `listing` at `now`, and its difference from `before`.
///
/// A digest that the listing lacks is copied from `before`, so a missing digest is never a change. Times that a clock
/// stored while it was ahead become a time before `now`, so that a version that is new now is the newest.
pub fn advance(
    before: Option<&Snapshot>,
    listing: Vec<Listed>,
    now: Timestamp,
) -> (Snapshot, Changes) {
    let mut changes = Changes {
        first_sight: before.is_none(),
        ..Changes::default()
    };
    let corrected = |at: Timestamp| match at.is_ahead_of(now) {
        true => now - Span::from_millis(1),
        false => at,
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
            first_seen: known.map_or(now, |seen| corrected(seen.first_seen)),
            pushed_again: if is_pushed_again {
                Some(now)
            } else {
                known.and_then(|seen| seen.pushed_again).map(corrected)
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
