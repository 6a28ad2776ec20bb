//! Docker Hub's API, which returns the dates of a hundred tags per request.
//!
//! It is on another host than the registry and is read without a credential, so it covers public repositories
//! only.

use engine::ports::{FeedError, FeedErrorKind};
use http_client::{at_most, lenient};
use serde::Deserialize;
use url::Url;

use super::pages::{Next, numbered, read_pages};
use crate::error::Subject;
use crate::facts::{Facts, rfc3339};
use crate::repository::Repository;

/// The base URL of the API.
pub(super) const API: &str = "https://hub.docker.com";

/// The maximum page size.
const PAGE: &str = "100";

#[derive(Deserialize)]
struct Page {
    #[serde(default, deserialize_with = "lenient")]
    next: Option<String>,
    #[serde(deserialize_with = "at_most::<_, _, 1_000>")]
    results: Vec<Tag>,
}

#[derive(Deserialize)]
struct Tag {
    #[serde(default, deserialize_with = "lenient")]
    name: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    digest: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    tag_last_pushed: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    last_updated: Option<String>,
}

pub(super) async fn facts(repository: &Repository<'_, '_>, host: &str) -> Result<Facts, FeedError> {
    let mut facts = Facts::default();
    let Some(first) = first(host, repository.name) else {
        return Err(unnamed(repository.subject));
    };
    let mut number = 1;
    let take = |url: &Url, _: &_, page: Page| {
        number += 1;
        // The page number is counted here; the API's own URL of the next page is not used.
        match add_page(&mut facts, page) {
            true => Next::At(numbered(url, number)),
            false => Next::End,
        }
    };
    read_pages(repository, first, None, take).await?;
    Ok(facts)
}

/// Adds the facts of a page. Returns whether there is another page.
fn add_page(facts: &mut Facts, page: Page) -> bool {
    for tag in page.results {
        let pushed = tag.tag_last_pushed.or(tag.last_updated);
        let Some(name) = tag.name else {
            continue;
        };
        facts.insert(name, tag.digest, pushed.as_deref().and_then(rfc3339));
    }
    page.next.is_some_and(|next| !next.is_empty())
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
        "is not a repository of Docker Hub; correct the package's name",
    )
}

#[cfg(test)]
mod tests {
    use domain::feed::{Feed, FeedKind};
    use domain::ids::{FeedId, SpaceId};
    use domain::time::{Span, Timestamp};
    use engine::ports::{FeedError, FeedErrorKind};
    use registry_server::{Fault, FaultKind, Imitation, Registry};

    use super::{API, Facts, Page, Repository, Subject};
    use super::{add_page, facts, first, numbered, rfc3339};
    use crate::credentials::{Credential, Credentials};
    use crate::limits::Limits;
    use crate::meter::Meter;
    use crate::session::{CredentialUse, Session, Shared};
    use crate::{OutboundClient, address};

    /// More tags than a page of the API has.
    const TAGS: usize = 130;

    struct Joe;

    impl Credentials for Joe {
        async fn credential(&self, _: &Feed, _: bool) -> Result<Option<Credential>, FeedError> {
            Ok(Some(Credential::Basic {
                username: "joe".to_owned(),
                password: "s3cret".into(),
            }))
        }
    }

    async fn hub() -> Registry {
        let hub = Registry::start().await.unwrap();
        hub.imitate(Imitation::DockerHub);
        for number in 0..TAGS {
            hub.push("library/nginx", &format!("1.{number}.0"), "same");
        }
        hub
    }

    /// Reads the facts of a repository of another host from the API at `hub`.
    async fn read_facts(hub: &Registry) -> Result<Facts, FeedError> {
        let registry = Registry::start().await.unwrap();
        let feed = Feed {
            id: FeedId::new("Feeds-1"),
            space: SpaceId::new("Spaces-1"),
            name: "Images".to_owned(),
            kind: FeedKind::Docker,
            uri: Some(registry.url()),
            registry_path: None,
            region: None,
            account: None,
            has_credentials: true,
        };
        let shared = Shared {
            client: OutboundClient::new("127.0.0.0/8".parse().unwrap()).unwrap(),
            credentials: Box::new(Joe),
            memory: Default::default(),
            budgets: Default::default(),
        };
        let limits = Limits::default();
        let meter = Meter::new(limits.whole_read);
        let registry = address::registry(&feed)?;
        let base = registry.base.clone();
        let session = Session::open(
            &shared,
            &limits,
            &meter,
            &feed,
            base,
            CredentialUse::OnChallenge,
        )
        .await?;
        let repository = Repository {
            session: &session,
            limits: &limits,
            registry: &registry,
            subject: Subject::feed(&feed),
            name: "library/nginx",
        };
        let facts = facts(&repository, &hub.url()).await;
        assert_eq!(
            meter.quota(),
            None,
            "the quota of the API is not that of the registry"
        );
        facts
    }

    #[tokio::test]
    async fn api_is_read_to_the_end_without_credential() {
        let hub = hub().await;
        let facts = read_facts(&hub).await.unwrap();
        for number in 0..TAGS {
            let tag = format!("1.{number}.0");
            let pushed = hub.pushed("library/nginx", &tag).unwrap();
            let pushed = Timestamp::from_millis(pushed.as_millisecond());
            assert_eq!(facts.of(&tag).published, Some(pushed), "{tag}");
        }
        let path = "/v2/namespaces/library/repositories/nginx/tags?page_size=100&page=";
        let expected = ["1", "2"].map(|page| ("GET".to_owned(), format!("{path}{page}"), false));
        assert_eq!(hub.requests(), expected);
    }

    /// Its 429 has a header of its own with a Unix time.
    #[tokio::test]
    async fn pause_in_x_retry_after_is_reported() {
        let hub = hub().await;
        let until = jiff::Timestamp::now().as_second() + 600;
        let headers = vec![("X-Retry-After".to_owned(), until.to_string())];
        let pause = FaultKind::Status(429, headers, "429 Too Many Requests".to_owned());
        hub.fault(Fault::new("page=2", 1, pause));
        let FeedErrorKind::Throttled(Some(pause)) = read_facts(&hub).await.unwrap_err().kind else {
            panic!("not throttled");
        };
        let minutes = Span::from_minutes(9)..=Span::from_minutes(10);
        assert!(minutes.contains(&pause), "{pause:?}");
    }

    #[test]
    fn pages_are_requested_by_number() {
        let page = first(API, "library/nginx").unwrap();
        let path = "https://hub.docker.com/v2/namespaces/library/repositories/nginx/tags";
        assert_eq!(page.as_str(), format!("{path}?page_size=100&page=1"));
        let next = numbered(&page, 2);
        assert_eq!(next.as_str(), format!("{path}?page_size=100&page=2"));
        assert_eq!(first(API, "nginx"), None);
    }

    #[test]
    fn dates_of_page_are_parsed() {
        let digest = format!("sha256:{}", "0".repeat(64));
        let text = format!(
            r#"{{"count":3,"next":"https://evil.example/?page=2","previous":null,"results":[
            {{"id":1,"name":"1.25","digest":"{digest}","last_updated":"2025-01-01T00:00:00.123456Z",
              "tag_last_pushed":"2025-01-02T00:00:00Z","tag_status":"active","images":[]}},
            {{"name":"1.24","digest":null,"last_updated":"2025-01-01T00:00:00Z","tag_last_pushed":null}},
            {{"name":"1.23"}}]}}"#
        );
        let mut facts = Facts::default();
        assert!(add_page(&mut facts, serde_json::from_str(&text).unwrap()));
        assert_eq!(facts.of("1.25").digest, Some(digest));
        assert_eq!(facts.of("1.25").published, rfc3339("2025-01-02T00:00:00Z"));
        assert_eq!(facts.of("1.24").published, rfc3339("2025-01-01T00:00:00Z"));
        assert_eq!(facts.of("1.23").published, None);
        let last: Page = serde_json::from_str(r#"{"next":null,"results":[]}"#).unwrap();
        assert!(!add_page(&mut facts, last));
    }
}
