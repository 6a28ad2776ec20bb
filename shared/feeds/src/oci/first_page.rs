//! The URL of a list's first page.

use url::Url;

/// The first page of a list of tags.
pub(super) struct FirstPage {
    pub(super) url: Url,
    /// The number of tags that a page is requested to have.
    pub(super) size: usize,
}

impl FirstPage {
    /// The first page of `list`, with pages of `size` tags.
    pub(super) fn new(mut list: Url, size: usize) -> Self {
        list.set_query(Some(&format!("n={size}")));
        Self { url: list, size }
    }
}
