//! Lists that come in pages.
//!
//! The address of the next page is our own with another `skip`: of `Page.Next` only that number is used, so
//! no link leads the key elsewhere, and a server behind a rewriting proxy works too.

use engine::ports::{OctopusError, OctopusErrorKind};
use http_client::at_most;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::client::{Call, OctopusClient};
use crate::error::error;
use crate::keys::ApiKeys;
use crate::tolerant::or_default;

/// Items asked for at a time.
const TAKE: usize = 100;
/// The most pages of a list: ten thousand items of the usual hundred.
const MAX_PAGES: usize = 100;
/// The most items of a page. Five thousand are asked for at most; some servers give all that there is.
const MAX_ITEMS: usize = 100_000;

/// A page of a list. Without `Items` it is none: an empty list must not be read into any other document.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", bound(deserialize = "T: Deserialize<'de>"))]
pub(crate) struct Page<T> {
    #[serde(deserialize_with = "at_most::<_, _, MAX_ITEMS>")]
    pub(crate) items: Vec<T>,
    pub(crate) total_results: Option<usize>,
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
    /// How many items to skip for the next page, if there is one. `Page.Next` says it; where there are no
    /// such links, there is a next page until the total is reached.
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

    /// Whether there is nothing here although the total says that there is more: what would follow is then
    /// missing, and must not pass for removed.
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

impl Call {
    /// The call for one page.
    pub(crate) fn page(&self, skip: usize, take: usize) -> Self {
        self.clone()
            .with("skip", &skip.to_string())
            .with("take", &take.to_string())
    }
}

impl<K: ApiKeys> OctopusClient<K> {
    /// A list to its end.
    pub(crate) async fn list<T: DeserializeOwned>(
        &self,
        call: &Call,
    ) -> Result<Vec<T>, OctopusError> {
        self.list_most(call, usize::MAX).await
    }

    /// A list to its end, or its first `most` items.
    pub(crate) async fn list_most<T: DeserializeOwned>(
        &self,
        call: &Call,
        most: usize,
    ) -> Result<Vec<T>, OctopusError> {
        let mut items = Vec::new();
        let mut skip = 0;
        for _ in 0..MAX_PAGES {
            let page: Page<T> = self.get(&call.page(skip, TAKE.min(most))).await?;
            let next = page.next_skip(skip);
            if next.is_none() && page.ends_early(skip) {
                return Err(endless(call, "a page is empty before the end of the list"));
            }
            items.extend(page.items);
            match next {
                _ if items.len() >= most => {
                    items.truncate(most);
                    return Ok(items);
                }
                None => return Ok(items),
                Some(next) if next <= skip => return Err(endless(call, "its pages go in circles")),
                Some(next) => skip = next,
            }
        }
        Err(endless(call, "it has more pages than are read"))
    }
}

fn endless(call: &Call, why: &str) -> OctopusError {
    error(
        OctopusErrorKind::Malformed,
        format!("{} was given up: {why}", call.doing),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(json: &str) -> Page<u8> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn the_next_page_is_linked_or_counted() {
        for (json, next) in [
            (
                r#"{"Items":[1,2],"TotalResults":9,"Links":{"Page.Next":"/x/api/y?skip=30&take=30"}}"#,
                Some(30),
            ),
            (r#"{"Items":[1,2],"TotalResults":5,"Links":{}}"#, Some(4)),
            (r#"{"Items":[1,2],"TotalResults":4,"Links":null}"#, None),
            (r#"{"Items":[],"TotalResults":5}"#, None),
            (r#"{"Items":null}"#, None),
            (r#"{"Items":[1]}"#, None),
        ] {
            assert_eq!(page(json).next_skip(2), next, "{json}");
        }
    }

    #[test]
    fn an_empty_page_ends_the_list_only_where_the_total_is_reached() {
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
