//! The own APIs of some registries, which list when each tag was pushed.

use std::collections::BTreeMap;

use hyper::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::error::error;
use super::imitation::Imitation;
use super::shelf::Shelf;
use crate::exchange::{Answer, Request};

/// How many tags these give a page, so that few tags are several pages.
const PAGE: usize = 100;

/// One tag as they know it.
struct Tag<'a> {
    name: &'a str,
    digest: &'a str,
    pushed: Timestamp,
}

/// Shows a page of tags, and whether there are more.
type Render = fn(&Request, &[Tag<'_>], bool) -> Answer;

/// The answer, if the path is one of the API that the imitated registry has.
pub(super) fn answer(
    imitation: Imitation,
    request: &Request,
    repositories: &BTreeMap<String, Shelf>,
) -> Option<Answer> {
    let path = request.path.as_str();
    let (name, render): (String, Render) = match imitation {
        Imitation::Azure => {
            let rest = path.strip_prefix("/acr/v1/")?;
            (rest.strip_suffix("/_tags")?.to_owned(), azure)
        }
        Imitation::Harbor => {
            let rest = path.strip_prefix("/api/v2.0/projects/")?;
            let (project, name) = rest
                .strip_suffix("/artifacts")?
                .split_once("/repositories/")?;
            // A slash that is encoded once is not found by Harbor.
            (format!("{project}/{}", name.replace("%252F", "/")), harbor)
        }
        Imitation::Quay => {
            let rest = path.strip_prefix("/api/v1/repository/")?;
            (rest.strip_suffix("/tag/")?.to_owned(), quay)
        }
        Imitation::DockerHub => {
            let rest = path.strip_prefix("/v2/namespaces/")?;
            let (namespace, name) = rest.strip_suffix("/tags")?.split_once("/repositories/")?;
            (format!("{namespace}/{name}"), docker_hub)
        }
        _ => return None,
    };
    let Some(shelf) = repositories.get(&name) else {
        return Some(error(
            StatusCode::NOT_FOUND,
            "NOT_FOUND",
            "no such repository",
        ));
    };
    let mut tags: Vec<_> = shelf
        .tags()
        .iter()
        .filter_map(|name| {
            Some(Tag {
                name,
                digest: shelf.digest(name)?,
                pushed: shelf.pushed(name)?,
            })
        })
        .collect();
    tags.sort_by_key(|tag| std::cmp::Reverse(tag.pushed));
    let number = request.parameter("page").or(request.parameter("last"));
    let number: usize = number.and_then(|page| page.parse().ok()).unwrap_or(1);
    let begin = (number.saturating_sub(1) * PAGE).min(tags.len());
    let end = (begin + PAGE).min(tags.len());
    Some(render(request, &tags[begin..end], end < tags.len()))
}

fn azure(request: &Request, tags: &[Tag<'_>], more: bool) -> Answer {
    let listed = list(tags, |tag| {
        json!({ "name": tag.name, "digest": tag.digest, "createdTime": "2020-01-01T00:00:00Z",
            "lastUpdateTime": tag.pushed.to_string(), "signed": false })
    });
    let answer = Answer::json(&json!({ "registry": "r", "imageName": "i", "tags": listed }));
    if more {
        let link = format!(
            "<{}?last=2&n=100&orderby=timedesc>; rel=\"next\"",
            request.path
        );
        answer.with("Link", link)
    } else {
        answer
    }
}

fn harbor(_: &Request, tags: &[Tag<'_>], _: bool) -> Answer {
    let artifacts = list(tags, |tag| {
        let pushed = tag.pushed.to_string();
        json!({ "id": 1, "type": "IMAGE", "digest": tag.digest, "push_time": "2020-01-01T00:00:00Z",
            "tags": [{ "id": 1, "name": tag.name, "push_time": pushed, "immutable": false }] })
    });
    Answer::json(&artifacts)
}

fn quay(_: &Request, tags: &[Tag<'_>], more: bool) -> Answer {
    let listed = list(tags, |tag| {
        json!({ "name": tag.name, "manifest_digest": tag.digest, "reversion": false,
            "start_ts": tag.pushed.as_second(), "is_manifest_list": false })
    });
    Answer::json(&json!({ "tags": listed, "page": 1, "has_additional": more }))
}

/// Its addresses of further pages are of its own host, and it does not know the digest of every tag.
fn docker_hub(request: &Request, tags: &[Tag<'_>], more: bool) -> Answer {
    let number: usize = request
        .parameter("page")
        .and_then(|page| page.parse().ok())
        .unwrap_or(1);
    let next = more.then(|| {
        format!(
            "https://hub.docker.com{}?page_size=100&page={}",
            request.path,
            number + 1
        )
    });
    let results = list(tags, |tag| {
        json!({ "id": 1, "name": tag.name, "digest": null, "last_updated": "2020-01-01T00:00:00.000000Z",
            "tag_last_pushed": tag.pushed.to_string(), "tag_status": "active", "images": [] })
    });
    Answer::json(&json!({ "count": 1, "next": next, "previous": null, "results": results }))
        .with("X-RateLimit-Limit", "180")
        .with("X-RateLimit-Remaining", "3")
}

fn list(tags: &[Tag<'_>], render: impl Fn(&Tag<'_>) -> Value) -> Value {
    tags.iter().map(render).collect()
}
