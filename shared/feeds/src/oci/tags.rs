//! Reads a repository's list of tags to its end.

use engine::ports::{FeedError, FeedErrorKind};
use http_client::read_capped;
use reqwest::StatusCode;
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use url::Url;

use super::page::PageError;
use super::walk::Walk;
use super::{link, page};
use crate::address::Registry;
use crate::credentials::Credentials;
use crate::error::{Subject, caused_by};
use crate::limits::Limits;
use crate::provider::{Facts, Provider, SAFE_PAGE, google};
use crate::session::{Get, Session};

/// What the pages of a list gave.
pub(super) struct Tags {
    /// All entries, each once, in text order.
    pub(super) names: Vec<String>,
    /// What the list says of them besides.
    pub(super) facts: Facts,
    /// Whose list it is, now that it has answered.
    pub(super) provider: Provider,
}

/// All entries of the list of tags, each once.
pub(super) async fn list<C: Credentials>(
    session: &Session<'_, C>,
    limits: &Limits,
    registry: &Registry,
    subject: Subject<'_>,
    repository: &str,
    provider: Provider,
) -> Result<Tags, FeedError> {
    let mut list = registry.base.clone();
    let path = list.path().trim_end_matches('/');
    let path = format!("{path}/v2/{repository}/tags/list");
    list.set_path(&path);
    let size = provider.page_size();

    let headers = HeaderMap::from_iter([(
        ACCEPT,
        HeaderValue::from_static("application/json, */*;q=0.1"),
    )]);
    let (mut walk, url) = Walk::new(limits, list.clone(), size);
    let mut get = Get {
        subject,
        url,
        repository,
        headers,
    };
    let mut response = session.get(&get).await?;
    if size > SAFE_PAGE && refuses_size(response.status()) {
        (walk, get.url) = Walk::new(limits, list, SAFE_PAGE);
        response = session.get(&get).await?;
    }
    let challenge = session.challenged(repository);
    let provider = provider.recognised(challenge.as_ref(), response.headers());
    let mut facts = Facts::default();
    loop {
        let taken = take(session, limits, &mut walk, &get, response, |body| {
            if provider == Provider::Google {
                facts.extend(google::facts(body));
            }
        });
        let Some(next) = taken.await? else { break };
        get.url = next;
        response = match session.get(&get).await {
            // zot knows no page behind the last.
            Err(error) if walk.is_guessing() && error.kind == FeedErrorKind::NotFound => break,
            Ok(response) if walk.is_guessing() && response.status().is_client_error() => break,
            other => other?,
        };
    }
    Ok(Tags {
        names: walk.into_tags(),
        facts,
        provider,
    })
}

/// The statuses by which registries refuse a page size: ECR, the reference implementation, Quay.
fn refuses_size(status: StatusCode) -> bool {
    matches!(status.as_u16(), 400 | 405 | 413)
}

/// Takes the page in a response, and shows its body to whoever may find more in it. Gives the URL of the
/// next; `None` at the end.
async fn take<C: Credentials>(
    session: &Session<'_, C>,
    limits: &Limits,
    walk: &mut Walk<'_>,
    get: &Get<'_>,
    response: reqwest::Response,
    show: impl FnOnce(&[u8]),
) -> Result<Option<Url>, FeedError> {
    if response.status() != StatusCode::OK {
        return Err(session.unexpected(get, response).await);
    }
    let link = link::next(response.headers());
    let body = read_capped(response, limits.page_bytes).await;
    let body = body.map_err(|error| get.subject.unread(&get.url, error))?;
    let entries = page::tags(&body).map_err(|error| {
        let (kind, what) = match error {
            PageError::TooMany => (FeedErrorKind::Incomplete, "gives more than is read at once"),
            _ => (
                FeedErrorKind::Malformed,
                "does not give a list of tags; check the feed's URL and registry path",
            ),
        };
        caused_by(get.subject.at(kind, &get.url, what), error)
    })?;
    show(&body);
    walk.take(entries, link.as_deref())
        .map_err(|error| get.subject.at(FeedErrorKind::Incomplete, &get.url, error))
}
