//! How much a feed may give, and how long it may take.

use std::time::Duration;

/// Limits of one read. What exceeds one is an error that says so, never a shorter listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Pages of one package's tags. 1,000 is enough for 100,000 tags, which is as many images as ECR
    /// holds, at the 100 a page that the smallest registries give.
    pub pages: usize,
    /// Bytes of one page. Registries that do not page give all at once: 8 MiB is some 250,000 tags.
    pub page_bytes: usize,
    /// Tags of one package, signatures and the like included.
    pub tags: usize,
    /// Bytes of a Helm index, both as they come and decompressed.
    pub index_bytes: usize,
    /// How long one package, or one index, may take altogether.
    pub deadline: Duration,
    /// How long all packages of one read may take together: less than the 120 seconds that the function
    /// has for reading, storing and announcing. Packages that are not reached by then are errors, and the
    /// others are read.
    pub whole_read: Duration,
    /// Packages of one host and credential that are read at a time. Docker Hub throttles at five; three is
    /// what other clients settled on.
    pub parallel: usize,
    /// Requests a second to one host and credential, over a minute; less where a provider is known to give
    /// less. Five stay below every published limit, and a minute's worth, 300, may be asked at once.
    pub per_second: Option<u32>,
}

/// The most that an index may have where nothing else is set, in MiB. Flux allows as much; the largest
/// public index has about half of it.
pub const INDEX_MEBIBYTES: u16 = 50;

impl Limits {
    /// These limits for indexes of up to so many MiB.
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
            index_bytes: usize::from(INDEX_MEBIBYTES) << 20,
            deadline: Duration::from_secs(60),
            whole_read: Duration::from_secs(90),
            parallel: 3,
            per_second: Some(5),
        }
    }
}
