//! Azure's API for tags, which returns digests and dates.
//!
//! It is on the registry's host and accepts the same credential; a token needs the scope `metadata_read`.

use engine::ports::FeedError;
use http_client::lenient;
use reqwest::header::HeaderMap;
use serde::Deserialize;
use url::Url;

use super::pages::{Next, read_pages};
use crate::auth::challenge::{Bearer, Challenge};
use crate::facts::{Facts, rfc3339};
use crate::link::{self, Link};
use crate::repository::Repository;

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    tags: Option<Vec<Tag>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tag {
    #[serde(default, deserialize_with = "lenient")]
    name: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    digest: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    created_time: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    last_update_time: Option<String>,
}

pub(super) async fn facts(repository: &Repository<'_, '_>) -> Result<Facts, FeedError> {
    let mut facts = Facts::default();
    let challenge = repository
        .session
        .challenged(repository.name)
        .map(for_metadata);
    let path = format!("/acr/v1/{}/_tags", repository.name);
    let first = repository.host_url(&path, &[("n", "1000"), ("orderby", "timedesc")]);
    let take = |url: &Url, headers: &HeaderMap, page: Page| {
        for tag in page.tags.unwrap_or_default() {
            // A tag that was moved counts as published when it was moved.
            let pushed = tag.last_update_time.or(tag.created_time);
            let Some(name) = tag.name else {
                continue;
            };
            facts.insert(name, tag.digest, pushed.as_deref().and_then(rfc3339));
        }
        let link = match link::next(headers) {
            Link::None => return Next::End,
            Link::Unreadable => return Next::Unreadable,
            Link::Next(link) => link,
        };
        // Only the query is used, so that the next page is on the same path.
        let mut next = url.clone();
        match link.split_once('?') {
            Some((_, query)) => {
                next.set_query(Some(query));
                Next::At(next)
            }
            None => Next::Unreadable,
        }
    };
    read_pages(repository, first, challenge.as_ref(), take).await?;
    Ok(facts)
}

/// The registry's challenge with the scope for metadata instead of pulls.
fn for_metadata(challenge: Challenge) -> Challenge {
    let Challenge::Bearer(bearer) = challenge else {
        return challenge;
    };
    let scope = |scope: String| match scope.strip_suffix(":pull") {
        Some(resource) => format!("{resource}:metadata_read"),
        None => scope,
    };
    Challenge::Bearer(Bearer {
        scopes: bearer.scopes.into_iter().map(scope).collect(),
        ..bearer
    })
}
