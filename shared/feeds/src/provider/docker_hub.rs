//! Docker Hub's own API, which says when each tag was pushed, a hundred at a time.
//!
//! It is on another host than the registry and is asked without a credential, so it speaks of public
//! repositories alone.

use engine::ports::{FeedError, FeedErrorKind};
use http_client::at_most;
use serde::Deserialize;
use url::Url;

use super::Facts;
use super::api::{Api, Next, numbered};
use super::facts::rfc3339;
use crate::credentials::Credentials;
use crate::error::Subject;

/// Where it is.
pub(super) const API: &str = "https://hub.docker.com";

/// The most that it gives on a page.
const PAGE: &str = "100";

#[derive(Deserialize)]
struct Page {
    next: Option<String>,
    #[serde(deserialize_with = "at_most::<_, _, 1_000>")]
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
        number += 1;
        // The number is ours, so the address that it gives is not followed anywhere.
        match note(&mut facts, page) {
            true => Next::At(numbered(url, number)),
            false => Next::End,
        }
    };
    api.pages(first, None, take).await?;
    Ok(facts)
}

/// Notes what a page says. Whether there is another.
fn note(facts: &mut Facts, page: Page) -> bool {
    for tag in page.results {
        let pushed = tag.tag_last_pushed.or(tag.last_updated);
        facts.note(tag.name, tag.digest, pushed.as_deref().and_then(rfc3339));
    }
    page.next.is_some()
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

#[cfg(test)]
mod tests {
    use super::{API, Facts, Page, first, note, numbered, rfc3339};

    #[test]
    fn pages_are_asked_for_by_number() {
        let page = first(API, "library/nginx").unwrap();
        let path = "https://hub.docker.com/v2/namespaces/library/repositories/nginx/tags";
        assert_eq!(page.as_str(), format!("{path}?page_size=100&page=1"));
        let next = numbered(&page, 2);
        assert_eq!(next.as_str(), format!("{path}?page_size=100&page=2"));
        assert_eq!(first(API, "nginx"), None);
    }

    #[test]
    fn a_page_tells_when_its_tags_were_pushed() {
        let digest = format!("sha256:{}", "0".repeat(64));
        let text = format!(
            r#"{{"count":3,"next":"https://evil.example/?page=2","previous":null,"results":[
            {{"id":1,"name":"1.25","digest":"{digest}","last_updated":"2025-01-01T00:00:00.123456Z",
              "tag_last_pushed":"2025-01-02T00:00:00Z","tag_status":"active","images":[]}},
            {{"name":"1.24","digest":null,"last_updated":"2025-01-01T00:00:00Z","tag_last_pushed":null}},
            {{"name":"1.23"}}]}}"#
        );
        let mut facts = Facts::default();
        assert!(note(&mut facts, serde_json::from_str(&text).unwrap()));
        assert_eq!(facts.of("1.25").digest, Some(digest));
        assert_eq!(facts.of("1.25").published, rfc3339("2025-01-02T00:00:00Z"));
        assert_eq!(facts.of("1.24").published, rfc3339("2025-01-01T00:00:00Z"));
        assert_eq!(facts.of("1.23").published, None);
        let last: Page = serde_json::from_str(r#"{"next":null,"results":[]}"#).unwrap();
        assert!(!note(&mut facts, last));
    }
}
