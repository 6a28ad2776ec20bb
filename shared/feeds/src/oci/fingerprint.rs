//! The fingerprint of a list of tags, by which an unchanged list is recognised without parsing it.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::feed::FeedKind;
use sha2::{Digest, Sha256};

/// The version of the parser, which is part of the fingerprint. Increase it when the same pages are parsed
/// differently.
const PARSER_VERSION: u8 = 4;

/// The number of bytes of the hash in a fingerprint.
const HASH_BYTES: usize = 16;

/// The end of a page, as part of the fingerprint.
#[derive(Clone, Copy)]
pub(super) enum End {
    /// The page links to the next.
    Link = 1,
    /// The page has no link.
    NoLink = 2,
    /// The registry has no page where one was requested.
    NoPage = 3,
    /// The page has a link that cannot be read. Such a list is an error, so it has no fingerprint.
    UnreadableLink = 4,
}

/// The fingerprint of the pages so far: their number, and a hash of their bytes and of everything else that
/// the listing depends on.
pub(super) struct Fingerprint {
    pages: usize,
    hash: Sha256,
}

impl Fingerprint {
    /// The fingerprint before the first page.
    pub(super) fn new(kind: &FeedKind, page_size: usize) -> Self {
        let hash = Sha256::new_with_prefix([PARSER_VERSION])
            .chain_update(page_size.to_be_bytes())
            .chain_update(kind.feed_type());
        Self { pages: 0, hash }
    }

    /// Adds a page.
    pub(super) fn add(&mut self, body: &[u8], end: End) {
        self.pages += 1;
        self.hash.update(body.len().to_be_bytes());
        self.hash.update([end as u8]);
        self.hash.update(body);
    }

    /// Whether it can be equal to `known` after more pages.
    pub(super) fn may_become(&self, known: &str) -> bool {
        parse(known).is_some_and(|(pages, _)| self.pages < pages)
    }

    /// Whether it is equal to `known`.
    pub(super) fn is(&self, known: &str) -> bool {
        parse(known).is_some_and(|(pages, hash)| self.pages == pages && self.hash() == hash)
    }

    /// The stored form: the number of pages, a dot and the hash.
    pub(super) fn to_text(&self) -> String {
        format!("{}.{}", self.pages, self.hash())
    }

    fn hash(&self) -> String {
        let hash = self.hash.clone().finalize();
        BASE64_URL_SAFE_NO_PAD.encode(&hash[..HASH_BYTES])
    }
}

/// The number of pages and the hash of a stored fingerprint.
fn parse(text: &str) -> Option<(usize, &str)> {
    let (pages, hash) = text.split_once('.')?;
    Some((pages.parse().ok()?, hash))
}
