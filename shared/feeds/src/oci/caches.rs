//! Facts about registries that are kept between reads.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use domain::metadata::VersionMetadata;
use url::Url;

use super::first_page::FirstPage;
use crate::by_repository::ByRepository;
use crate::sync::lock;

/// The maximum number of cached images: each is one index that a followed tag pointed at.
const MAX_IMAGES: usize = 1_024;

/// The maximum number of registries that are known to refuse HEAD.
const MAX_REGISTRIES: usize = 64;

/// The maximum number of contents with cached metadata, of up to 8 KiB each.
const MAX_METADATA: usize = 128;

/// The caches of all registries.
#[derive(Default)]
pub(crate) struct Caches {
    /// First pages as registries returned them, so that a registry that refuses large pages is asked for
    /// one once.
    pub(super) first_pages: ByRepository<Arc<FirstPage>>,
    /// Origins of registries that do not answer HEAD.
    without_head: Mutex<HashSet<String>>,
    /// The images that indexes contain for a platform. An index is identified by its digest, so an entry
    /// never becomes outdated.
    images: Mutex<HashMap<String, Option<String>>>,
    /// The metadata of contents by digest. Never outdated.
    metadata: Mutex<HashMap<String, VersionMetadata>>,
}

impl Caches {
    /// Whether to send HEAD requests to the registry.
    pub(super) fn answers_head(&self, registry: &Url) -> bool {
        let origin = registry.origin().ascii_serialization();
        !lock(&self.without_head).contains(&origin)
    }

    /// Records that the registry answered a GET where it did not answer a HEAD.
    pub(super) fn note_no_head(&self, registry: &Url) {
        let mut without_head = lock(&self.without_head);
        if without_head.len() >= MAX_REGISTRIES {
            without_head.clear();
        }
        without_head.insert(registry.origin().ascii_serialization());
    }

    /// The metadata of a content.
    pub(super) fn metadata(&self, digest: &str) -> Option<VersionMetadata> {
        lock(&self.metadata).get(digest).cloned()
    }

    pub(super) fn remember_metadata(&self, digest: String, read: VersionMetadata) {
        let mut metadata = lock(&self.metadata);
        if metadata.len() >= MAX_METADATA {
            metadata.clear();
        }
        metadata.insert(digest, read);
    }

    /// The cached result of looking for a platform in an index: `Some(None)` if the index has no image for
    /// it.
    pub(super) fn image(&self, key: &str) -> Option<Option<String>> {
        lock(&self.images).get(key).cloned()
    }

    pub(super) fn remember_image(&self, key: String, found: Option<String>) {
        let mut images = lock(&self.images);
        if images.len() >= MAX_IMAGES {
            images.clear();
        }
        images.insert(key, found);
    }
}
