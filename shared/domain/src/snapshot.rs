//! Snapshots: the versions of a package when it was last read, and the difference between two of them.
//!
//! [`advance`] computes the next snapshot and the changes from a complete listing and the time. A version keeps
//! the time at which it was first seen while it is listed; a version that disappeared and reappears is new.

use std::collections::BTreeMap;

use crate::metadata::{MetadataOf, ReadMetadata};
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
    /// The metadata that was read, by version, newest first, for the last contents of the version.
    metadata: BTreeMap<String, Vec<ReadMetadata>>,
}

/// The contents of a version whose metadata is kept: a followed tag's digest and the one in the previous release, and each of
/// them with the keys of some triggers, their signing profiles, and the scan.
const CONTENTS_WITH_METADATA: usize = 12;

/// The versions of a snapshot whose metadata is kept: more than the newest versions that a decision compares.
const VERSIONS_WITH_METADATA: usize = 50;

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
    /// Versions whose requested metadata was read, in text order.
    pub metadata_read: Vec<String>,
}

impl Changes {
    pub fn is_empty(&self) -> bool {
        !self.first_sight
            && self.added.is_empty()
            && self.removed.is_empty()
            && self.digest_changed.is_empty()
            && self.metadata_read.is_empty()
    }
}

impl Snapshot {
    /// A snapshot with these versions, as read from a store.
    pub fn from_versions(versions: impl IntoIterator<Item = (String, Seen)>) -> Self {
        Self {
            versions: versions.into_iter().collect(),
            metadata: BTreeMap::new(),
        }
    }

    /// The content of a version that a release would select now. `None`: it is not listed.
    pub fn content_of(&self, version: &str) -> Option<MetadataOf> {
        let seen = self.get(version)?;
        Some(MetadataOf {
            version: version.to_owned(),
            digest: seen.digest.clone(),
            keys: Vec::new(),
            record: None,
        })
    }

    /// The metadata of a content, if it was read. It may have to be read again.
    pub fn metadata_of(&self, content: &MetadataOf) -> Option<&ReadMetadata> {
        let read = self.metadata.get(&content.version)?;
        read.iter().find(|one| one.is_of(content))
    }

    /// The scans that were not finished when they were last read, of versions that a trigger selects.
    pub fn awaited_scans(
        &self,
        now: Timestamp,
    ) -> impl Iterator<Item = (MetadataOf, &ReadMetadata)> {
        let all = self.metadata.iter();
        let all = all.flat_map(|(version, read)| read.iter().map(move |one| (version, one)));
        let awaited = all.filter(move |(_, read)| read.is_awaited_scan_at(now));
        awaited.map(|(version, read)| (MetadataOf::scan(version, read.of.clone()), read))
    }

    /// All metadata, by version, newest first.
    pub fn metadata(&self) -> &BTreeMap<String, Vec<ReadMetadata>> {
        &self.metadata
    }

    /// Adds metadata that was read of a listed version, and removes the oldest beyond the limits.
    pub fn add_metadata(&mut self, version: &str, read: ReadMetadata) {
        if self.get(version).is_none() {
            return;
        }
        if !self.metadata.contains_key(version) && self.metadata.len() >= VERSIONS_WITH_METADATA {
            let age = |read: &[ReadMetadata]| read.iter().map(|one| one.valid_until).max();
            let oldest = self.metadata.iter().min_by_key(|(_, read)| age(read));
            if let Some(oldest) = oldest.map(|(version, _)| version.clone()) {
                self.metadata.remove(&oldest);
            }
        }
        let known = self.metadata.entry(version.to_owned()).or_default();
        known.retain(|one| (&one.of, &one.keys) != (&read.of, &read.keys));
        known.insert(0, read);
        known.truncate(CONTENTS_WITH_METADATA);
    }

    /// The same snapshot with metadata, as read from a store.
    #[must_use]
    pub fn with_metadata(mut self, metadata: BTreeMap<String, Vec<ReadMetadata>>) -> Self {
        self.metadata = metadata;
        self
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
/// A digest that the listing lacks is copied from `before`, so a missing digest is never a change. The metadata of
/// versions that are still listed is copied too. Times that a clock
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
    let metadata = before.map(|snapshot| &snapshot.metadata);
    let metadata = metadata.into_iter().flatten();
    let metadata = metadata.filter(|(version, _)| versions.contains_key(*version));
    let metadata = metadata.map(|(version, read)| (version.clone(), read.clone()));
    let metadata = metadata.collect();
    (Snapshot { versions, metadata }, changes)
}
