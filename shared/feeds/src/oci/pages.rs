//! Reads the pages of a list. While the pages may have the known fingerprint, they are hashed but not parsed.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use engine::ports::{FeedError, FeedErrorKind};
use http_client::read_capped;
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use reqwest::{Response, StatusCode};

use super::caches::Caches;
use super::fingerprint::{End, Fingerprint};
use super::first_page::FirstPage;
use super::page::{self, PageError};
use super::walk::{Next, Walk};
use crate::error::caused_by;
use crate::link::{self, Link};
use crate::provider::{Provider, SAFE_PAGE};
use crate::repository::Repository;
use crate::session::Get;

/// The maximum number of bytes of pages that are kept unparsed: those of some 150,000 tags.
const MAX_UNREAD: usize = 2 << 20;

/// The media types of a list.
static LIST_TYPES: HeaderValue = HeaderValue::from_static("application/json, */*;q=0.1");

/// The pages of a list.
pub(super) struct Pages<'a, 's> {
    repository: &'a Repository<'a, 's>,
    walk: Walk<'a>,
    get: Get<'a>,
    fingerprint: Fingerprint,
    /// Pages that were received and not parsed.
    unread: VecDeque<Page>,
    /// The registry has no page where one was requested.
    is_over: bool,
    /// More pages were received than the list has, so the fingerprint is not that of the list.
    has_surplus: bool,
}

/// A page as it was received.
struct Page {
    headers: HeaderMap,
    body: Bytes,
    /// The target of its link to the next page.
    link: Link,
}

impl<'a, 's> Pages<'a, 's> {
    /// Requests the first page, with the page size that the registry accepts.
    pub(super) async fn begin(
        caches: &Caches,
        repository: &'a Repository<'a, 's>,
        provider: Provider,
    ) -> Result<Self, FeedError> {
        let (firsts, base) = (&caches.first_pages, &repository.registry.base);
        let known = firsts.get(base.as_str(), repository.name);
        let mut is_new = known.is_none();
        let mut first = known.unwrap_or_else(|| first_page(repository, provider.page_size()));
        let mut get = Get {
            subject: repository.subject,
            url: first.url.clone(),
            repository: repository.name,
            headers: vec![(ACCEPT, LIST_TYPES.clone())],
        };
        let mut response = repository.session.get(&get).await?;
        if first.size > SAFE_PAGE && refuses_size(response.status()) {
            is_new = true;
            first = first_page(repository, SAFE_PAGE);
            get.url = first.url.clone();
            response = repository.session.get(&get).await?;
        }
        if is_new && response.status() == StatusCode::OK {
            firsts.insert(base.as_str(), repository.name, first.clone());
        }
        let mut pages = Self {
            repository,
            fingerprint: Fingerprint::new(&repository.session.feed().kind, first.size),
            walk: Walk::new(repository.limits, first),
            get,
            unread: VecDeque::new(),
            is_over: false,
            has_surplus: false,
        };
        pages.read(response).await?;
        Ok(pages)
    }

    /// The headers of the first page, before it is parsed.
    pub(super) fn headers(&self) -> Option<&HeaderMap> {
        self.unread.front().map(|page| &page.headers)
    }

    /// Whether the pages, byte for byte and to the end, have the fingerprint `known`. Reads no more pages than
    /// that fingerprint covers.
    pub(super) async fn have_fingerprint(&mut self, known: &str) -> Result<bool, FeedError> {
        let mut kept = 0;
        while self.fingerprint.may_become(known) && !self.is_over && kept < MAX_UNREAD {
            let Some(page) = self.unread.back() else {
                break;
            };
            kept += page.body.len();
            let Some(next) = self.after(page) else { break };
            self.fetch(next).await?;
        }
        Ok(self.fingerprint.is(known))
    }

    /// Parses the next page and returns its body; `None` after the last page.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, FeedError> {
        let Some(page) = self.unread.pop_front() else {
            return Ok(None);
        };
        let number = self.walk.pages() + 1;
        let entries = entries(&self.get, &page.body);
        let entries = entries.map_err(|error| on_page(number, error))?;
        let next = self.walk.add(entries, &page.link);
        let next = next.map_err(|error| {
            let subject = self.repository.subject;
            subject.at(FeedErrorKind::Incomplete, &self.get.url, error)
        });
        match next? {
            None => {
                self.has_surplus = !self.unread.is_empty();
                self.unread.clear();
            }
            Some(next) if self.unread.is_empty() && !self.is_over => self.fetch(next).await?,
            Some(_) => {}
        }
        Ok(Some(page.body))
    }

    /// All tags, each once, in text order, and the fingerprint of the list.
    pub(super) fn into_tags(self) -> (Vec<String>, Option<String>) {
        let fingerprint = (!self.has_surplus).then(|| self.fingerprint.to_text());
        (self.walk.into_tags(), fingerprint)
    }

    /// The page after one that is not parsed yet. Without a link it depends on the content of the page. Errors are
    /// reported when the page is parsed.
    fn after(&self, page: &Page) -> Option<Next> {
        let entries = match page.link {
            Link::Next(_) | Link::Unreadable => Vec::new(),
            Link::None => entries(&self.get, &page.body).ok()?,
        };
        let last = entries.last().map(String::as_str);
        let next = self.walk.page_after(entries.len(), last, &page.link);
        next.ok()?
    }

    async fn fetch(&mut self, next: Next) -> Result<(), FeedError> {
        self.get.url = next.url;
        let number = self.walk.pages() + self.unread.len() + 1;
        let read = match self.repository.session.get(&self.get).await {
            // zot answers 404 after the last page.
            Err(error) if next.is_guessed && error.kind == FeedErrorKind::NotFound => self.end(),
            Ok(response) if next.is_guessed && response.status().is_client_error() => self.end(),
            Ok(response) => self.read(response).await,
            Err(error) => Err(error),
        };
        read.map_err(|error| on_page(number, error))
    }

    fn end(&mut self) -> Result<(), FeedError> {
        self.fingerprint.add(&[], End::NoPage);
        self.is_over = true;
        Ok(())
    }

    /// Reads the page in a response.
    async fn read(&mut self, mut response: Response) -> Result<(), FeedError> {
        if response.status() != StatusCode::OK {
            return Err(self
                .repository
                .session
                .unexpected(&self.get, response)
                .await);
        }
        let headers = std::mem::take(response.headers_mut());
        let body = read_capped(response, self.repository.limits.page_bytes).await;
        let body = body.map_err(|error| {
            self.repository
                .subject
                .incomplete_body(&self.get.url, error)
        })?;
        let link = link::next(&headers);
        let end = match link {
            Link::Next(_) => End::Link,
            Link::None => End::NoLink,
            Link::Unreadable => End::UnreadableLink,
        };
        self.fingerprint.add(&body, end);
        self.unread.push_back(Page {
            headers,
            body,
            link,
        });
        Ok(())
    }
}

/// The first page of the repository's list, with pages of `size` tags.
fn first_page(repository: &Repository<'_, '_>, size: usize) -> Arc<FirstPage> {
    FirstPage::new(repository.registry_url("tags/list"), size).into()
}

/// Whether a registry refuses the page size: 400 distribution, 405 ECR, 413 Quay.
fn refuses_size(status: StatusCode) -> bool {
    matches!(status.as_u16(), 400 | 405 | 413)
}

/// The error with the number of the page.
fn on_page(number: usize, error: FeedError) -> FeedError {
    FeedError {
        message: format!("{}; it was page {number} of the list", error.message),
        ..error
    }
}

fn entries(get: &Get<'_>, body: &[u8]) -> Result<Vec<String>, FeedError> {
    page::tags(body).map_err(|error| {
        let (kind, what) = match error {
            PageError::TooMany => (
                FeedErrorKind::Incomplete,
                "returns more than is read at once",
            ),
            _ => (
                FeedErrorKind::Malformed,
                "does not return a list of tags; check the feed's URL and registry path",
            ),
        };
        caused_by(get.subject.at(kind, &get.url, what), error)
    })
}
