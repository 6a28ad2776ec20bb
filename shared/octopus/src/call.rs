//! One call of Octopus's API: URL, timeout, and the texts that its errors need.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use url::Url;

#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) url: Url,
    /// Verb and object for error messages, to follow "cannot": `read project Projects-1`.
    pub(crate) action: String,
    /// The permission that the API key's user needs.
    pub(crate) permission: &'static str,
    pub(crate) timeout: Duration,
    /// Number of requests sent for this call and its clones.
    pub(crate) sent: Arc<AtomicUsize>,
}

impl Call {
    /// The same call with one more query parameter.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.url.query_pairs_mut().append_pair(name, value);
        self
    }

    /// The call for one page of a list.
    pub(crate) fn page(&self, skip: usize, take: usize) -> Self {
        self.clone()
            .with("skip", &skip.to_string())
            .with("take", &take.to_string())
    }
}
