//! What feeds answer, taken apart without a connection: the same functions that a read goes through, for
//! whoever hands them anything at all (`tests/fuzz`). Their errors say no more than that a text is none.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::io::{BufReader, Cursor};

use domain::snapshot::Listed;
use reqwest::header::HeaderMap;
use url::Url;

pub use crate::auth::challenge::{Bearer, Challenge};
use crate::helm;
use crate::limits::Limits;
use crate::{auth, oci};

/// The versions of each chart.
pub type Charts = BTreeMap<String, Vec<Listed>>;

/// Why a text is none of what it should be.
pub type Unreadable = Box<dyn Error>;

/// The target of the `Link` to the next page.
pub fn next_page(headers: &HeaderMap) -> Option<String> {
    oci::link::next(headers)
}

/// The way to authenticate that is chosen of those in `WWW-Authenticate`.
pub fn challenge(headers: &HeaderMap) -> Option<Challenge> {
    auth::challenge::choose(headers)
}

/// The tags in a page of a registry's list.
///
/// # Errors
/// Where the body is no such page.
pub fn tags(body: &[u8]) -> Result<Vec<String>, Unreadable> {
    oci::page_of_tags(body)
}

/// Walks through the pages of `list`, each of which `fetch` gives with the target of its link. Gives all
/// tags, each once, in text order.
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

/// What the index of a Helm repository, in YAML or JSON, says of the wanted charts.
///
/// # Errors
/// Where the text is no index.
pub fn index(text: Vec<u8>, wanted: BTreeSet<String>) -> Result<Charts, Unreadable> {
    helm::index_in(Cursor::new(text), wanted)
}

/// The same of an index in YAML by the parser alone, which then sees every chart.
///
/// # Errors
/// Where the text is no index in YAML.
pub fn index_without_sieve(text: Vec<u8>, wanted: BTreeSet<String>) -> Result<Charts, Unreadable> {
    helm::yaml_index_in(Cursor::new(text), wanted)
}

/// What a ChartMuseum answers about one chart.
///
/// # Errors
/// Where the text is no such answer.
pub fn chart(text: Vec<u8>) -> Result<Vec<Listed>, Unreadable> {
    helm::chart_in(BufReader::new(Box::new(Cursor::new(text))))
}
