//! Reads the pages of a provider's API.

use std::collections::HashSet;

use engine::ports::{FeedError, FeedErrorKind};
use http_client::{from_json, read_capped};
use reqwest::StatusCode;
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use serde::de::DeserializeOwned;
use url::Url;

use crate::auth::challenge::Challenge;
use crate::error::caused_by;
use crate::repository::Repository;
use crate::session::Get;

/// The next page.
pub(super) enum Next {
    /// There is none.
    End,
    /// At this URL, on the API's own origin.
    At(Url),
    /// There may be one, but its link cannot be read.
    Unreadable,
}

/// Reads all pages from `first` on. `take` receives each page and returns the next.
///
/// # Errors
/// Where a page cannot be read, repeats, or exceeds the maximum number of pages.
pub(super) async fn read_pages<P: DeserializeOwned>(
    repository: &Repository<'_, '_>,
    first: Url,
    challenge: Option<&Challenge>,
    mut take: impl FnMut(&Url, &HeaderMap, P) -> Next,
) -> Result<(), FeedError> {
    let mut visited = HashSet::new();
    let mut url = first;
    loop {
        if !visited.insert(url.to_string()) || visited.len() > repository.limits.pages {
            let what = format!(
                "has more than {} pages of dates; it is tried again later",
                visited.len()
            );
            let subject = repository.subject;
            return Err(subject.at(FeedErrorKind::Incomplete, &url, what));
        }
        let (headers, page) = read_page(repository, &url, challenge).await?;
        match take(&url, &headers, page) {
            Next::End => return Ok(()),
            Next::At(next) => url = next,
            Next::Unreadable => {
                let what = "has a `Link` header that cannot be read; correct it in the registry or its proxy";
                return Err(repository.subject.at(FeedErrorKind::Incomplete, &url, what));
            }
        }
    }
}

async fn read_page<P: DeserializeOwned>(
    repository: &Repository<'_, '_>,
    url: &Url,
    challenge: Option<&Challenge>,
) -> Result<(HeaderMap, P), FeedError> {
    let subject = repository.subject;
    let get = Get {
        subject,
        url: url.clone(),
        repository: repository.name,
        headers: vec![(ACCEPT, HeaderValue::from_static("application/json"))],
    };
    let response = repository.session.get_answering(&get, challenge).await?;
    if response.status() != StatusCode::OK {
        return Err(repository.session.unexpected(&get, response).await);
    }
    let headers = response.headers().clone();
    let body = read_capped(response, repository.limits.page_bytes).await;
    let body = body.map_err(|error| subject.incomplete_body(url, error))?;
    let page = from_json(&body).map_err(|error| {
        let what = "does not return the dates of its tags; check the feed's URL";
        caused_by(subject.at(FeedErrorKind::Malformed, url, what), error)
    })?;
    Ok((headers, page))
}

/// The URL with another page number.
pub(super) fn numbered(url: &Url, page: usize) -> Url {
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| name != "page")
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    let mut next = url.clone();
    next.query_pairs_mut()
        .clear()
        .extend_pairs(kept)
        .append_pair("page", &page.to_string());
    next
}
