//! Harbor's own API, which says when each tag was pushed, a hundred artifacts at a time.
//!
//! It is on the registry's host and knows users and robots by Basic authentication, not by the
//! registry's tokens.

use engine::ports::FeedError;
use http_client::at_most;
use serde::Deserialize;
use url::Url;

use super::Facts;
use super::api::{Api, Next, numbered};
use super::facts::rfc3339;
use crate::auth::challenge::Challenge;

/// The most that it gives on a page.
const PAGE: usize = 100;

#[derive(Deserialize)]
struct Page(#[serde(deserialize_with = "at_most::<_, _, 1_000>")] Vec<Artifact>);

#[derive(Deserialize)]
struct Artifact {
    digest: Option<String>,
    push_time: Option<String>,
    #[serde(default, deserialize_with = "at_most::<_, _, 10_000>")]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
struct Tag {
    name: String,
    push_time: Option<String>,
}

pub(super) async fn facts(api: &Api<'_, '_>) -> Result<Facts, FeedError> {
    let mut facts = Facts::default();
    let Some(path) = path(api.repository) else {
        return Ok(facts);
    };
    let size = PAGE.to_string();
    let query = [
        ("page_size", size.as_str()),
        ("with_tag", "true"),
        ("q", "tags=*"),
        ("sort", "-push_time"),
        ("page", "1"),
    ];
    let mut number = 1;
    let take = |url: &Url, _: &_, Page(page): Page| {
        let is_full = page.len() >= PAGE;
        for artifact in page {
            for tag in artifact.tags {
                let pushed = tag.push_time.as_ref().or(artifact.push_time.as_ref());
                let pushed = pushed.and_then(|pushed| rfc3339(pushed));
                facts.note(tag.name, artifact.digest.clone(), pushed);
            }
        }
        number += 1;
        if is_full {
            Next::At(numbered(url, number))
        } else {
            Next::End
        }
    };
    api.pages(api.url(&path, &query), Some(&Challenge::Basic), take)
        .await?;
    Ok(facts)
}

/// The first part of a name is the project; slashes in the rest are encoded twice.
fn path(repository: &str) -> Option<String> {
    let (project, name) = repository.split_once('/')?;
    let name = name.replace('/', "%252F");
    Some(format!(
        "/api/v2.0/projects/{project}/repositories/{name}/artifacts"
    ))
}
