//! Limits on the size and duration of a read.

use std::time::Duration;

/// Limits of one read. Exceeding one is an error, never a shorter listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Pages of one package's tags. 1,000 pages of 100 tags, the smallest page size in use, are 100,000 tags, the
    /// maximum of ECR.
    pub pages: usize,
    /// Bytes of one page. Registries that do not page return all tags at once: 8 MiB are some 250,000 tags.
    pub page_bytes: usize,
    /// Tags of one package, including signatures and attestations.
    pub tags: usize,
    /// Tags of all packages of one read, which are in memory until they are stored: some 100 bytes each.
    pub read_tags: usize,
    /// Bytes of a Helm index, both compressed and decompressed.
    pub index_bytes: usize,
    /// The maximum time for one package, or one index.
    pub deadline: Duration,
    /// The maximum time for all packages of one read: less than the function's timeout of 120 seconds, which
    /// includes storing and publishing. Packages that are not reached by then are errors.
    pub whole_read: Duration,
    /// Packages of one host and credential that are read in parallel. Docker Hub throttles five; other clients
    /// use three.
    pub parallel: usize,
    /// Requests a second to one host and credential, averaged over a minute; fewer for providers with a lower
    /// limit. Five a second are below every published limit. A burst may use the 300 requests of a minute.
    pub per_second: Option<u32>,
}

/// The default maximum size of an index, in MiB. Flux has the same default; the largest public index is about
/// half as large.
pub const INDEX_MEBIBYTES: u16 = 50;

impl Limits {
    /// These limits with another maximum size of an index.
    #[must_use]
    pub fn with_index_of(self, mebibytes: u16) -> Self {
        Self {
            index_bytes: usize::from(mebibytes) << 20,
            ..self
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            pages: 1_000,
            page_bytes: 8 << 20,
            tags: 250_000,
            read_tags: 500_000,
            index_bytes: usize::from(INDEX_MEBIBYTES) << 20,
            deadline: Duration::from_secs(60),
            whole_read: Duration::from_secs(90),
            parallel: 3,
            per_second: Some(5),
        }
    }
}
