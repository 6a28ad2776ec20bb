//! Looks up the metadata of versions in the snapshots, and records what was not read yet.
//!
//! Only an evaluation that needs metadata requests it: the decision waits, lists the versions in
//! [`super::ExplainedDecision::unread`], and is repeated when a check has read them.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::decision::Decision;
use super::reason::Reason;
use super::source_options::SourceOptions;
use crate::ids::PackageKey;
use crate::metadata::{MetadataOf, UnreadMetadata, VersionMetadata};
use crate::time::{Span, Timestamp};

/// The time until unread metadata is requested again, in case the request was lost.
const REQUEST_AGAIN: Span = Span::from_minutes(1);

/// The metadata of a version in a snapshot.
#[derive(Clone, Debug)]
pub(super) enum Known<'a> {
    Read(&'a VersionMetadata),
    /// It could not be read. It is requested again at a time.
    Failed {
        why: &'a str,
        until: Timestamp,
    },
    Unread(UnreadMetadata),
}

/// The lookups of one decision.
pub(super) struct MetadataLookup {
    now: Timestamp,
    /// Nothing is requested: the metadata that was not read stays unknown.
    is_final: bool,
    unread: RefCell<BTreeSet<UnreadMetadata>>,
}

impl MetadataLookup {
    pub(super) fn new(now: Timestamp, is_final: bool) -> Self {
        Self {
            now,
            is_final,
            unread: RefCell::default(),
        }
    }

    /// The metadata of a content of the source's package, without recording whether it was read.
    pub(super) fn of<'a>(&self, source: &SourceOptions<'a>, content: MetadataOf) -> Known<'a> {
        let package = source.package;
        let read = package.snapshot.metadata_of(&content);
        match read.filter(|read| self.is_final || read.is_valid_at(self.now)) {
            Some(read) => match &read.result {
                Ok(metadata) => Known::Read(metadata),
                Err(why) => Known::Failed {
                    why,
                    until: read.valid_until,
                },
            },
            None if self.is_final => Known::Failed {
                why: "they were not read, and a simulation reads none",
                until: self.now,
            },
            None => Known::Unread(UnreadMetadata {
                package: PackageKey {
                    space: package.feed.space.clone(),
                    feed: package.feed.id.clone(),
                    package: source.entry.package.clone(),
                },
                content,
            }),
        }
    }

    /// Whether nothing is requested, as in a simulation.
    pub(super) fn is_final(&self) -> bool {
        self.is_final
    }

    /// The decision to wait until this metadata is read.
    pub(super) fn wait_for(&self, unread: &UnreadMetadata) -> Decision {
        self.unread.borrow_mut().insert(unread.clone());
        let package = unread.package.package.to_string();
        let version = unread.content.version.clone();
        let content = &unread.content;
        let reason = match content.keys.is_empty() && content.record.is_none() {
            true => Reason::LabelsNotRead { package, version },
            false => Reason::NotVerified { package, version },
        };
        Decision::Wait(reason, Some(self.now + REQUEST_AGAIN))
    }

    /// Everything that must be read before the decision can be made.
    pub(super) fn into_unread(self) -> Vec<UnreadMetadata> {
        self.unread.into_inner().into_iter().collect()
    }
}

/// The decision to wait because metadata cannot be read.
pub(super) fn unavailable(package: &str, version: &str, why: &str, until: Timestamp) -> Decision {
    let reason = Reason::LabelsUnavailable {
        package: package.to_owned(),
        version: version.to_owned(),
        why: why.to_owned(),
    };
    Decision::Wait(reason, Some(until))
}
