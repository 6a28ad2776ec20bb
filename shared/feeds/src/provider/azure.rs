//! Azure's own list of tags, which has digests and dates.
//!
//! It is on the registry's host and takes the same credential; a token needs a scope of its own.

use engine::ports::FeedError;
use reqwest::header::HeaderMap;
use serde::Deserialize;
use url::Url;

use super::Facts;
use super::api::{Api, Next};
use super::facts::rfc3339;
use crate::auth::challenge::{Bearer, Challenge};
use crate::oci::link;

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    tags: Option<Vec<Tag>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tag {
    name: String,
    digest: Option<String>,
    created_time: Option<String>,
    last_update_time: Option<String>,
}

pub(super) async fn facts(api: &Api<'_, '_>) -> Result<Facts, FeedError> {
    let mut facts = Facts::default();
    let challenge = api.session.challenged(api.repository).map(for_metadata);
    let path = format!("/acr/v1/{}/_tags", api.repository);
    let first = api.url(&path, &[("n", "1000"), ("orderby", "timedesc")]);
    let take = |url: &Url, headers: &HeaderMap, page: Page| {
        for tag in page.tags.unwrap_or_default() {
            // A tag that was moved was published when it was moved.
            let pushed = tag.last_update_time.or(tag.created_time);
            facts.note(tag.name, tag.digest, pushed.as_deref().and_then(rfc3339));
        }
        let linked = link::next(headers).and_then(|link| url.join(&link).ok());
        match linked {
            // Only its query, so that it leads nowhere else.
            Some(linked) => {
                let mut next = url.clone();
                next.set_query(linked.query());
                Next::At(next)
            }
            None => Next::End,
        }
    };
    api.pages(first, challenge.as_ref(), take).await?;
    Ok(facts)
}

/// The registry's challenge, for reading what is known of a repository instead of pulling it.
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
