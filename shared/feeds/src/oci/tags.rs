//! Reads a repository's list of tags to its end.

use std::collections::BTreeSet;

use engine::ports::{FeedError, FeedErrorKind};
use http_client::read_capped;
use reqwest::StatusCode;
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use url::Url;

use super::walk::Walk;
use super::{link, page};
use crate::address::Registry;
use crate::credentials::Credentials;
use crate::error::{Subject, caused_by};
use crate::limits::Limits;
use crate::session::{Get, Session};

/// The page size that every registry takes.
const SAFE_PAGE: usize = 100;

/// The most that ECR and the reference implementation take.
const LARGE_PAGE: usize = 1_000;

/// Quay answered 413 to more than 100 for a time.
const SMALL_PAGED: [&str; 1] = ["quay.io"];

/// All entries of the list of tags, each once.
pub(super) async fn list<C: Credentials>(
    session: &Session<'_, C>,
    limits: &Limits,
    registry: &Registry,
    subject: Subject<'_>,
    repository: &str,
) -> Result<BTreeSet<String>, FeedError> {
    let mut list = registry.base.clone();
    let path = list.path().trim_end_matches('/');
    let path = format!("{path}/v2/{repository}/tags/list");
    list.set_path(&path);
    let is_small = list
        .host_str()
        .is_some_and(|host| SMALL_PAGED.contains(&host));
    let size = if is_small { SAFE_PAGE } else { LARGE_PAGE };

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
    loop {
        let Some(next) = take(session, limits, &mut walk, &get, response).await? else {
            return Ok(walk.into_tags());
        };
        get.url = next;
        response = match session.get(&get).await {
            // zot knows no page behind the last.
            Err(error) if walk.is_guessing() && error.kind == FeedErrorKind::NotFound => {
                return Ok(walk.into_tags());
            }
            Ok(response) if walk.is_guessing() && response.status().is_client_error() => {
                return Ok(walk.into_tags());
            }
            other => other?,
        };
    }
}

/// The statuses by which registries refuse a page size: ECR, the reference implementation, Quay.
fn refuses_size(status: StatusCode) -> bool {
    matches!(status.as_u16(), 400 | 405 | 413)
}

/// Takes the page in a response. Gives the URL of the next; `None` at the end.
async fn take<C: Credentials>(
    session: &Session<'_, C>,
    limits: &Limits,
    walk: &mut Walk<'_>,
    get: &Get<'_>,
    response: reqwest::Response,
) -> Result<Option<Url>, FeedError> {
    if response.status() != StatusCode::OK {
        return Err(session.unexpected(get, response).await);
    }
    let link = link::next(response.headers());
    let body = read_capped(response, limits.page_bytes).await;
    let body = body.map_err(|error| get.subject.unread(&get.url, error))?;
    let entries = page::tags(&body).map_err(|error| {
        let what = "does not give a list of tags; check the feed's URL and registry path";
        caused_by(
            get.subject.at(FeedErrorKind::Malformed, &get.url, what),
            error,
        )
    })?;
    walk.take(entries, link.as_deref())
        .map_err(|error| get.subject.at(FeedErrorKind::Incomplete, &get.url, error))
}
