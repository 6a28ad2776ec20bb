//! One repository: its tags, what each points at, and when it was pushed.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use jiff::{SignedDuration, Timestamp};

/// 2026-01-01T00:00:00Z. Each push is a minute after the one before, so that runs are alike.
const START: Timestamp = Timestamp::constant(1_767_225_600, 0);

#[derive(Default)]
pub(super) struct Shelf {
    tags: BTreeMap<String, (String, Timestamp)>,
    /// The names of them, for pages: put together when they are asked for.
    names: OnceLock<Vec<String>>,
    pushes: i64,
}

impl Shelf {
    pub(super) fn push(&mut self, tag: &str, digest: String) {
        self.pushes += 1;
        let at = START + SignedDuration::from_mins(self.pushes);
        self.tags.insert(tag.to_owned(), (digest, at));
        self.names.take();
    }

    pub(super) fn remove(&mut self, tag: &str) {
        self.tags.remove(tag);
        self.names.take();
    }

    /// All tags, sorted.
    pub(super) fn tags(&self) -> &[String] {
        let names = || self.tags.keys().cloned().collect();
        self.names.get_or_init(names)
    }

    pub(super) fn digest(&self, tag: &str) -> Option<&str> {
        self.tags.get(tag).map(|(digest, _)| digest.as_str())
    }

    pub(super) fn pushed(&self, tag: &str) -> Option<Timestamp> {
        self.tags.get(tag).map(|(_, at)| *at)
    }
}
