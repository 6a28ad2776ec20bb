//! Docker Hub's own API, which says when each tag was pushed, a hundred at a time.
//!
//! It is on another host than the registry and is asked without a credential, so it speaks of public
//! repositories alone.

use engine::ports::FeedError;
use serde::Deserialize;
use url::Url;

use super::Facts;
use super::api::{Api, Next, numbered};
use super::facts::rfc3339;
use crate::credentials::Credentials;
use crate::error::Subject;
use engine::ports::FeedErrorKind;

/// Where it is.
pub(super) const API: &str = "https://hub.docker.com";

/// The most that it gives on a page.
const PAGE: &str = "100";

#[derive(Deserialize)]
struct Page {
    next: Option<String>,
    results: Vec<Tag>,
}

#[derive(Deserialize)]
struct Tag {
    name: String,
    digest: Option<String>,
    tag_last_pushed: Option<String>,
    last_updated: Option<String>,
}

pub(super) async fn facts<C: Credentials>(
    api: &Api<'_, '_, C>,
    host: &str,
) -> Result<Facts, FeedError> {
    let mut facts = Facts::default();
    let Some(first) = first(host, api.repository) else {
        return Err(unnamed(api.subject));
    };
    let mut number = 1;
    let take = |url: &Url, _: &_, page: Page| {
        for tag in page.results {
            let pushed = tag.tag_last_pushed.or(tag.last_updated);
            facts.note(tag.name, tag.digest, pushed.as_deref().and_then(rfc3339));
        }
        number += 1;
        match page.next {
            // The number is ours, so the address that it gives is not followed anywhere.
            Some(_) => Next::At(numbered(url, number)),
            None => Next::End,
        }
    };
    api.pages(first, None, take).await?;
    Ok(facts)
}

fn first(host: &str, repository: &str) -> Option<Url> {
    let (namespace, name) = repository.split_once('/')?;
    let mut url = Url::parse(host).ok()?;
    url.set_path(&format!(
        "/v2/namespaces/{namespace}/repositories/{name}/tags"
    ));
    url.query_pairs_mut()
        .append_pair("page_size", PAGE)
        .append_pair("page", "1");
    Some(url)
}

fn unnamed(subject: Subject<'_>) -> FeedError {
    subject.error(
        FeedErrorKind::Misconfigured,
        "is no repository of Docker Hub; correct the package's name",
    )
}
