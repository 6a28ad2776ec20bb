//! Harbor's API, which returns the dates of a hundred artifacts per request.
//!
//! It is on the registry's host and accepts users and robots by Basic authentication, not by the registry's
//! tokens.

use engine::ports::FeedError;
use http_client::{at_most, lenient};
use serde::Deserialize;
use url::Url;

use super::pages::{Next, numbered, read_pages};
use crate::auth::challenge::Challenge;
use crate::facts::{Facts, rfc3339};
use crate::repository::Repository;

/// The maximum page size.
const PAGE: usize = 100;

#[derive(Deserialize)]
struct Page(#[serde(deserialize_with = "at_most::<_, _, 1_000>")] Vec<Artifact>);

#[derive(Deserialize)]
struct Artifact {
    #[serde(default, deserialize_with = "lenient")]
    digest: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    push_time: Option<String>,
    #[serde(default, deserialize_with = "at_most::<_, _, 10_000>")]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
struct Tag {
    #[serde(default, deserialize_with = "lenient")]
    name: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    push_time: Option<String>,
}

pub(super) async fn facts(repository: &Repository<'_, '_>) -> Result<Facts, FeedError> {
    let mut facts = Facts::default();
    let Some(path) = path(repository.name) else {
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
                let Some(name) = tag.name else {
                    continue;
                };
                facts.insert(name, artifact.digest.clone(), pushed);
            }
        }
        number += 1;
        if is_full {
            Next::At(numbered(url, number))
        } else {
            Next::End
        }
    };
    read_pages(
        repository,
        repository.host_url(&path, &query),
        Some(&Challenge::Basic),
        take,
    )
    .await?;
    Ok(facts)
}

/// The path of the API. The first segment of a name is the project; slashes in the rest are encoded twice.
fn path(repository: &str) -> Option<String> {
    let (project, name) = repository.split_once('/')?;
    let name = name.replace('/', "%252F");
    Some(format!(
        "/api/v2.0/projects/{project}/repositories/{name}/artifacts"
    ))
}
