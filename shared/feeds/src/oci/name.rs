//! The name of a list: what it is known by the next time, before anything in it is looked at.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::feed::FeedKind;
use sha2::{Digest, Sha256};

/// Stands in the names, and is raised when the same pages are read as other versions than before.
const READ_AS: u8 = 3;

/// So much of the hash stands in a name.
const HASHED: usize = 16;

/// How a page ends, as its name has it.
#[derive(Clone, Copy)]
pub(super) enum End {
    /// With a link to the next.
    Link = 1,
    /// Without one.
    NoLink = 2,
    /// There was none, where one was looked for.
    NoPage = 3,
}

/// The name of the pages so far: how many there are, and a hash of their bytes and of all else that decides
/// what is made of them.
pub(super) struct Name {
    pages: usize,
    hash: Sha256,
}

impl Name {
    /// Before the first page.
    pub(super) fn new(kind: &FeedKind, page_size: usize) -> Self {
        let hash = Sha256::new_with_prefix([READ_AS])
            .chain_update(page_size.to_be_bytes())
            .chain_update(kind.feed_type());
        Self { pages: 0, hash }
    }

    /// Takes the next page in.
    pub(super) fn add(&mut self, body: &[u8], end: End) {
        self.pages += 1;
        self.hash.update(body.len().to_be_bytes());
        self.hash.update([end as u8]);
        self.hash.update(body);
    }

    /// Whether further pages may make it the `known` one.
    pub(super) fn may_become(&self, known: &str) -> bool {
        parts_of(known).is_some_and(|(pages, _)| self.pages < pages)
    }

    /// Whether it is the `known` one.
    pub(super) fn is(&self, known: &str) -> bool {
        parts_of(known).is_some_and(|(pages, hash)| self.pages == pages && self.hash() == hash)
    }

    /// As it is remembered.
    pub(super) fn written(&self) -> String {
        format!("{}.{}", self.pages, self.hash())
    }

    fn hash(&self) -> String {
        let hash = self.hash.clone().finalize();
        BASE64_URL_SAFE_NO_PAD.encode(&hash[..HASHED])
    }
}

/// Of how many pages it is the name, and their hash.
fn parts_of(written: &str) -> Option<(usize, &str)> {
    let (pages, hash) = written.split_once('.')?;
    Some((pages.parse().ok()?, hash))
}
