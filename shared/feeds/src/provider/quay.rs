//! Quay's own API, which says when each tag came to be, a hundred at a time.
//!
//! It does not know the users and robots of the registry, so it is asked without a credential and speaks
//! of public repositories alone.

use domain::time::Timestamp;
use engine::ports::FeedError;
use http_client::at_most;
use serde::Deserialize;
use url::Url;

use super::Facts;
use super::api::{Api, Next, numbered};

#[derive(Deserialize)]
struct Page {
    #[serde(deserialize_with = "at_most::<_, _, 1_000>")]
    tags: Vec<Tag>,
    #[serde(default)]
    has_additional: bool,
}

#[derive(Deserialize)]
struct Tag {
    name: String,
    manifest_digest: Option<String>,
    /// Seconds since 1970.
    start_ts: Option<i64>,
}

pub(super) async fn facts(api: &Api<'_, '_>) -> Result<Facts, FeedError> {
    let mut facts = Facts::default();
    let path = format!("/api/v1/repository/{}/tag/", api.repository);
    let query = [("limit", "100"), ("onlyActiveTags", "true"), ("page", "1")];
    let mut number = 1;
    let take = |url: &Url, _: &_, page: Page| {
        for tag in page.tags {
            let started = tag.start_ts.and_then(|seconds| seconds.checked_mul(1_000));
            facts.note(
                tag.name,
                tag.manifest_digest,
                started.map(Timestamp::from_millis),
            );
        }
        number += 1;
        if page.has_additional {
            Next::At(numbered(url, number))
        } else {
            Next::End
        }
    };
    api.pages(api.url(&path, &query), None, take).await?;
    Ok(facts)
}
