//! OCI registries: tags of a repository and the catalog, page by page.

use domain::version::parse_helm_tag;
use reqwest::Client;
use serde::Deserialize;
use url::Url;

use super::{FeedError, Remote};
use crate::world::StoredVersion;

/// Maximum number of pages.
const MOST_PAGES: usize = 1000;

/// One page of tags or of the catalog.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Page {
    tags: Option<Vec<String>>,
    repositories: Option<Vec<String>>,
}

/// Every tag of a repository.
pub(super) async fn tags(
    http: &Client,
    remote: &Remote,
    package: &str,
) -> Result<Vec<StoredVersion>, FeedError> {
    let path = below_v2(remote, &format!("{package}/tags/list"))?;
    let tags = pages(http, remote, path, |page| page.tags).await?;
    Ok(tags
        .into_iter()
        .map(|tag| StoredVersion {
            version: tag,
            published: None,
        })
        .collect())
}

/// Every tag of a repository of charts. The tag of a chart writes the `+` of its version as `_`.
pub(super) async fn charts(
    http: &Client,
    remote: &Remote,
    package: &str,
) -> Result<Vec<StoredVersion>, FeedError> {
    let mut versions = tags(http, remote, package).await?;
    for stored in &mut versions {
        if let Ok(version) = parse_helm_tag(&stored.version) {
            stored.version = version.to_string();
        }
    }
    Ok(versions)
}

/// Every repository, for registries with a catalog.
pub(super) async fn catalog(http: &Client, remote: &Remote) -> Result<Vec<String>, FeedError> {
    let root = remote.at("/")?;
    pages(http, remote, join(remote, &root, "v2/_catalog")?, |page| {
        page.repositories
    })
    .await
}

/// Follows `Link` to the end and collects the result of `take` for each page.
async fn pages(
    http: &Client,
    remote: &Remote,
    first: Url,
    take: fn(Page) -> Option<Vec<String>>,
) -> Result<Vec<String>, FeedError> {
    let mut all = Vec::new();
    let mut next = Some(first);
    for _ in 0..MOST_PAGES {
        let Some(url) = next else { return Ok(all) };
        let Some(document) = remote.get(http, url.clone()).await? else {
            return Ok(all);
        };
        let malformed = |_| FeedError::Malformed {
            feed: remote.feed.clone(),
        };
        let page: Page = serde_json::from_slice(&document.body).map_err(malformed)?;
        all.extend(take(page).unwrap_or_default());
        next = match document.link.as_deref().and_then(target) {
            Some(target) => Some(join(remote, &url, target)?),
            None => None,
        };
    }
    Err(FeedError::TooLong {
        feed: remote.feed.clone(),
    })
}

/// `/v2/` is at the host's root; a path in the feed's address is part of the repository's name.
fn below_v2(remote: &Remote, path: &str) -> Result<Url, FeedError> {
    let base = remote.at("")?;
    let prefix = base.path().trim_start_matches('/');
    let prefix = prefix.trim_start_matches("v2/");
    join(remote, &base, &format!("/v2/{prefix}{path}"))
}

fn join(remote: &Remote, base: &Url, path: &str) -> Result<Url, FeedError> {
    base.join(path).map_err(|_| FeedError::Malformed {
        feed: remote.feed.clone(),
    })
}

/// The address in `<...>; rel="next"`.
fn target(link: &str) -> Option<&str> {
    let (target, parameters) = link.split_once('>')?;
    parameters
        .contains("next")
        .then(|| target.trim_start().trim_start_matches('<'))
}
