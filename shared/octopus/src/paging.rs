//! Paged lists.
//!
//! The client builds the URL of the next page itself and uses only the `skip` number of `Page.Next`. No link
//! can redirect the key to another server, and servers behind a rewriting proxy work.

use engine::ports::{OctopusError, OctopusErrorKind};
use http_client::at_most;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::call::Call;
use crate::client::OctopusClient;
use crate::error::error;
use crate::keys::ApiKeys;
use crate::tolerant::{count, or_default};

/// Items requested per page.
const TAKE: usize = 100;
/// Maximum number of pages of a list: a million items. No server has as many triggers, projects or feeds.
const MAX_PAGES: usize = 10_000;

/// Empty pages of a list. Octopus may leave out items that the user cannot view, after it has paged.
const MAX_EMPTY_PAGES: usize = 100;
/// Maximum number of items on a page. At most 5,000 are requested, but some servers return all items.
const MAX_ITEMS: usize = 100_000;

/// A page of a list. `Items` is required, so that no other document counts as an empty list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", bound(deserialize = "T: Deserialize<'de>"))]
pub(crate) struct Page<T> {
    #[serde(deserialize_with = "at_most::<_, _, MAX_ITEMS>")]
    pub(crate) items: Vec<T>,
    #[serde(default, deserialize_with = "count")]
    pub(crate) total_results: Option<usize>,
    #[serde(default, deserialize_with = "count")]
    items_per_page: Option<usize>,
    #[serde(default, deserialize_with = "or_default")]
    links: Links,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Links {
    #[serde(rename = "Page.Next")]
    next: Option<String>,
}

impl<T> Page<T> {
    /// The `skip` of the next page; `None` on the last page. Taken from `Page.Next`; without such links, a next
    /// page exists until the total is reached.
    pub(crate) fn next_skip(&self, skip: usize) -> Option<usize> {
        let linked = self.links.next.as_deref().and_then(skip_in);
        let reached = skip.saturating_add(self.items.len());
        let counted = || {
            let is_more =
                !self.items.is_empty() && self.total_results.is_some_and(|all| reached < all);
            is_more.then_some(reached)
        };
        linked.or_else(counted)
    }

    /// Whether the page has as many items as the server returns at most, when `take` were requested. The list may
    /// then continue whatever links and totals report (OctopusDeploy/Issues#10216).
    pub(crate) fn is_full(&self, take: usize) -> bool {
        let most = self.items_per_page.filter(|&most| most > 0);
        !self.items.is_empty() && self.items.len() >= most.map_or(take, |most| most.min(take))
    }

    /// Whether the page is empty before the total is reached. The missing items must not count as removed.
    fn ends_early(&self, skip: usize) -> bool {
        self.items.is_empty() && self.total_results.is_some_and(|all| skip < all)
    }
}

/// The `skip` parameter of a link, which may be relative.
fn skip_in(link: &str) -> Option<usize> {
    let base = Url::parse("http://server").ok()?;
    let link = base.join(link).ok()?;
    let (_, skip) = link
        .query_pairs()
        .find(|(name, _)| name.eq_ignore_ascii_case("skip"))?;
    skip.parse().ok()
}

impl<K: ApiKeys> OctopusClient<K> {
    /// Reads all pages of a list.
    pub(crate) async fn list<T: DeserializeOwned>(
        &self,
        call: &Call,
    ) -> Result<Vec<T>, OctopusError> {
        self.list_most(call, usize::MAX).await
    }

    /// Reads the first `most` items of a list.
    pub(crate) async fn list_most<T: DeserializeOwned>(
        &self,
        call: &Call,
        most: usize,
    ) -> Result<Vec<T>, OctopusError> {
        let mut items = Vec::new();
        let (mut skip, mut empty) = (0, 0);
        for _ in 0..MAX_PAGES {
            let page: Page<T> = self.get(&call.page(skip, TAKE.min(most))).await?;
            empty += usize::from(page.items.is_empty());
            if empty >= MAX_EMPTY_PAGES {
                return Err(incomplete(call, "too many of its pages are empty"));
            }
            let next = page.next_skip(skip);
            if next.is_none() && page.ends_early(skip) {
                return Err(incomplete(
                    call,
                    "a page is empty before the end of the list",
                ));
            }
            items.extend(page.items);
            match next {
                _ if items.len() >= most => {
                    items.truncate(most);
                    return Ok(items);
                }
                None => return Ok(items),
                Some(next) if next <= skip => {
                    return Err(incomplete(call, "its pages form a loop"));
                }
                Some(next) => skip = next,
            }
        }
        Err(incomplete(call, "it has too many pages"))
    }
}

fn incomplete(call: &Call, cause: &str) -> OctopusError {
    error(
        OctopusErrorKind::Malformed,
        format!("cannot {} completely: {cause}", call.action),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(json: &str) -> Page<u8> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn next_skip_follows_link_or_total() {
        for (json, next) in [
            (
                r#"{"Items":[1,2],"TotalResults":9,"Links":{"Page.Next":"/x/api/y?skip=30&take=30"}}"#,
                Some(30),
            ),
            (r#"{"Items":[1,2],"TotalResults":5,"Links":{}}"#, Some(4)),
            (r#"{"Items":[1,2],"TotalResults":4,"Links":null}"#, None),
            (
                r#"{"Items":[1,2],"TotalResults":"5","ItemsPerPage":"2"}"#,
                Some(4),
            ),
            (r#"{"Items":[],"TotalResults":5}"#, None),
            (r#"{"Items":null}"#, None),
            (r#"{"Items":[1]}"#, None),
        ] {
            assert_eq!(page(json).next_skip(2), next, "{json}");
        }
    }

    #[test]
    fn page_whose_end_cannot_be_read_is_an_error() {
        for odd in [
            r#""TotalResults":"many""#,
            r#""TotalResults":true"#,
            r#""ItemsPerPage":{}"#,
            r#""Links":7"#,
            r#""Links":{"Page.Next":7}"#,
        ] {
            let json = format!(r#"{{"Items":[1],{odd}}}"#);
            assert!(serde_json::from_str::<Page<u8>>(&json).is_err(), "{json}");
        }
    }

    #[test]
    fn ends_early_detects_empty_page_before_total() {
        for (json, early) in [
            (r#"{"Items":[],"TotalResults":5}"#, true),
            (r#"{"Items":null,"TotalResults":5}"#, true),
            (r#"{"Items":[],"TotalResults":2}"#, false),
            (r#"{"Items":[]}"#, false),
            (r#"{"Items":[1],"TotalResults":5}"#, false),
        ] {
            assert_eq!(page(json).ends_early(2), early, "{json}");
        }
    }
}
