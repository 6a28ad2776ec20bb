//! The parsers of this crate without a connection, for `tests/fuzz`. A read calls the same functions.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::io::{BufReader, Cursor};

use domain::snapshot::Listed;
use reqwest::header::HeaderMap;
use url::Url;

pub use crate::auth::challenge::{Bearer, Challenge};
use crate::helm;
use crate::limits::Limits;
pub use crate::link::Link;
use crate::{auth, link, oci};

/// The versions of each chart.
pub type Charts = BTreeMap<String, Vec<Listed>>;

/// The error of a parser.
pub type Unreadable = Box<dyn Error>;

/// The `Link` to the next page.
pub fn next_page(headers: &HeaderMap) -> Link {
    link::next(headers)
}

/// The challenge that is chosen among those in `WWW-Authenticate`.
pub fn challenge(headers: &HeaderMap) -> Option<Challenge> {
    auth::challenge::choose(headers)
}

/// The tags in a page of a list of tags.
///
/// # Errors
/// Where the body is not such a page.
pub fn tags(body: &[u8]) -> Result<Vec<String>, Unreadable> {
    oci::page_of_tags(body)
}

/// Walks through the pages of `list`. `fetch` returns a page and the target of its link. Returns all tags,
/// each once, in text order.
///
/// # Errors
/// Where the walk does not reach the end.
pub fn walk(
    limits: &Limits,
    list: &Url,
    page_size: usize,
    fetch: impl FnMut(&Url) -> (Vec<String>, Option<String>),
) -> Result<Vec<String>, Unreadable> {
    oci::walk_through(limits, list, page_size, fetch)
}

/// The versions of the `watched` charts in the index of a Helm repository, in YAML or JSON.
///
/// # Errors
/// Where the text is not an index.
pub fn index(text: Vec<u8>, watched: BTreeSet<String>) -> Result<Charts, Unreadable> {
    helm::index_in(Cursor::new(text), watched)
}

/// The same for an index in YAML, without the prefilter.
///
/// # Errors
/// Where the text is not an index in YAML.
pub fn index_without_prefilter(
    text: Vec<u8>,
    watched: BTreeSet<String>,
) -> Result<Charts, Unreadable> {
    helm::yaml_index_in(Cursor::new(text), watched)
}

/// The versions in ChartMuseum's answer about one chart.
///
/// # Errors
/// Where the text is not such an answer.
pub fn chart(text: Vec<u8>) -> Result<Vec<Listed>, Unreadable> {
    helm::chart_in(BufReader::new(Box::new(Cursor::new(text))))
}
