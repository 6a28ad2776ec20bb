//! Reads a repository's list of tags to its end.
//!
//! Most lists are one page, and most of the time it is the same as before. Such a page is known by its bytes,
//! before anything in it is looked at.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use engine::ports::{FeedError, FeedErrorKind};
use http_client::read_capped;
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use reqwest::{Response, StatusCode};
use sha2::{Digest, Sha256};

use super::page::PageError;
use super::walk::Walk;
use super::{link, page};
use crate::credentials::Credentials;
use crate::error::caused_by;
use crate::limits::Limits;
use crate::provider::{Api, Facts, Provider, SAFE_PAGE, google};
use crate::session::{Get, Session};

/// Stands in the names of pages, and is raised when the same page is read as other versions than before.
const READ_AS: u8 = 1;

/// What asking for a list gave.
pub(super) enum List {
    /// The one page by whose name it is known.
    Same,
    /// All of it.
    Tags(Tags),
}

/// What the pages of a list gave.
pub(super) struct Tags {
    /// All entries, each once, in text order.
    pub(super) names: Vec<String>,
    /// What the list says of them besides.
    pub(super) facts: Facts,
    /// Whose list it is, now that it has answered.
    pub(super) provider: Provider,
    /// The name of its page, if it is but one.
    pub(super) page: Option<String>,
}

/// A page as it came.
struct Page {
    headers: HeaderMap,
    body: Vec<u8>,
}

/// All entries of the list of tags, each once; or that it is the page of which `known` is the name.
pub(super) async fn list<C: Credentials>(
    api: &Api<'_, '_, C>,
    provider: Provider,
    known: Option<&str>,
) -> Result<List, FeedError> {
    let Api {
        session, limits, ..
    } = *api;
    let (mut walk, mut get, response) = begin(api, provider).await?;
    let mut page = read(session, limits, &get, response).await?;
    let mut name = page.name(session, walk.page_size());
    if name.is_some() && name.as_deref() == known {
        return Ok(List::Same);
    }
    let challenge = session.challenged(api.repository);
    let provider = provider.recognised(challenge.as_ref(), &page.headers);
    let mut facts = Facts::default();
    loop {
        let entries = entries(&get, &page.body)?;
        if provider == Provider::Google {
            facts.extend(google::facts(&page.body));
        }
        let taken = walk.take(entries, page.next().as_deref());
        let taken =
            taken.map_err(|error| get.subject.at(FeedErrorKind::Incomplete, &get.url, error))?;
        let Some(next) = taken else { break };
        // A page that did not look like it was not the last.
        name = None;
        get.url = next;
        let response = match session.get(&get).await {
            // zot knows no page behind the last.
            Err(error) if walk.is_guessing() && error.kind == FeedErrorKind::NotFound => break,
            Ok(response) if walk.is_guessing() && response.status().is_client_error() => break,
            other => other?,
        };
        page = read(session, limits, &get, response).await?;
    }
    Ok(List::Tags(Tags {
        names: walk.into_tags(),
        facts,
        provider,
        page: name,
    }))
}

/// Asks for the first page, in pages of the size that the registry takes.
async fn begin<'a, C: Credentials>(
    api: &Api<'a, '_, C>,
    provider: Provider,
) -> Result<(Walk<'a>, Get<'a>, Response), FeedError> {
    let Api {
        session,
        limits,
        registry,
        subject,
        repository,
    } = *api;
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
    Ok((walk, get, response))
}

/// The statuses by which registries refuse a page size: ECR, the reference implementation, Quay.
fn refuses_size(status: StatusCode) -> bool {
    matches!(status.as_u16(), 400 | 405 | 413)
}

/// Reads the page in a response.
async fn read<C: Credentials>(
    session: &Session<'_, C>,
    limits: &Limits,
    get: &Get<'_>,
    mut response: Response,
) -> Result<Page, FeedError> {
    if response.status() != StatusCode::OK {
        return Err(session.unexpected(get, response).await);
    }
    let headers = std::mem::take(response.headers_mut());
    let body = read_capped(response, limits.page_bytes).await;
    let body = body.map_err(|error| get.subject.unread(&get.url, error))?;
    Ok(Page { headers, body })
}

fn entries(get: &Get<'_>, body: &[u8]) -> Result<Vec<String>, FeedError> {
    page::tags(body).map_err(|error| {
        let (kind, what) = match error {
            PageError::TooMany => (FeedErrorKind::Incomplete, "gives more than is read at once"),
            _ => (
                FeedErrorKind::Malformed,
                "does not give a list of tags; check the feed's URL and registry path",
            ),
        };
        caused_by(get.subject.at(kind, &get.url, what), error)
    })
}

impl Page {
    /// The target of its link to the next page.
    fn next(&self) -> Option<String> {
        link::next(&self.headers)
    }

    /// A name of the page's bytes, and of all else that decides what is made of them. None if there is a
    /// next one.
    fn name<C: Credentials>(&self, session: &Session<'_, C>, page_size: usize) -> Option<String> {
        if self.next().is_some() {
            return None;
        }
        let kind = session.feed().kind.feed_type();
        let hash = Sha256::new()
            .chain_update(format!("{READ_AS} {kind} {page_size}\n"))
            .chain_update(&self.body)
            .finalize();
        Some(BASE64_URL_SAFE_NO_PAD.encode(&hash[..16]))
    }
}
