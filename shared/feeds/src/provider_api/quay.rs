//! Quay's API, which returns the dates of a hundred tags per request.
//!
//! It does not accept users and robots of the registry, so it is read without a credential and covers public
//! repositories only.

use engine::ports::FeedError;
use http_client::{at_most, lenient};
use serde::Deserialize;
use url::Url;

use super::pages::{Next, numbered, read_pages};
use crate::facts::{Facts, from_unix_millis};
use crate::repository::Repository;

#[derive(Deserialize)]
struct Page {
    #[serde(deserialize_with = "at_most::<_, _, 1_000>")]
    tags: Vec<Tag>,
    #[serde(default, deserialize_with = "lenient")]
    has_additional: bool,
}

#[derive(Deserialize)]
struct Tag {
    #[serde(default, deserialize_with = "lenient")]
    name: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    manifest_digest: Option<String>,
    /// Seconds since 1970.
    #[serde(default, deserialize_with = "lenient")]
    start_ts: Option<f64>,
}

pub(super) async fn facts(repository: &Repository<'_, '_>) -> Result<Facts, FeedError> {
    let mut facts = Facts::default();
    let path = format!("/api/v1/repository/{}/tag/", repository.name);
    let query = [("limit", "100"), ("onlyActiveTags", "true"), ("page", "1")];
    let mut number = 1;
    let take = |url: &Url, _: &_, page: Page| {
        for tag in page.tags {
            let Some(name) = tag.name else {
                continue;
            };
            facts.insert(
                name,
                tag.manifest_digest,
                tag.start_ts
                    .and_then(|seconds| from_unix_millis(seconds * 1_000.0)),
            );
        }
        number += 1;
        if page.has_additional {
            Next::At(numbered(url, number))
        } else {
            Next::End
        }
    };
    read_pages(repository, repository.host_url(&path, &query), None, take).await?;
    Ok(facts)
}
