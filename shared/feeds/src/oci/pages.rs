//! The pages of a list, one after the other: first only by their bytes, as long as these may be the ones that
//! were there the last time, then with what is in them.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use engine::ports::{FeedError, FeedErrorKind};
use http_client::read_capped;
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use reqwest::{Response, StatusCode};

use super::link;
use super::name::{End, Name};
use super::page::{self, PageError};
use super::walk::{FirstPage, Next, Walk};
use crate::error::caused_by;
use crate::provider::{Api, Provider, SAFE_PAGE};
use crate::session::Get;

/// So many bytes are kept of pages that may be known: those of some 150,000 tags.
const MOST_UNREAD: usize = 2 << 20;

/// What a list is asked for as.
static A_LIST: HeaderValue = HeaderValue::from_static("application/json, */*;q=0.1");

/// The pages of a list.
pub(super) struct Pages<'a, 's> {
    api: &'a Api<'a, 's>,
    walk: Walk<'a>,
    get: Get<'a>,
    name: Name,
    /// Those that came and were not looked into.
    unread: VecDeque<Page>,
    /// No page was found where one was looked for.
    is_over: bool,
    /// More pages came than the list turned out to have, so that their name is none of it.
    has_surplus: bool,
}

/// A page as it came.
struct Page {
    headers: HeaderMap,
    body: Bytes,
    /// The target of its link to the next page.
    link: Option<String>,
}

impl<'a, 's> Pages<'a, 's> {
    /// Asks for the first page, in pages of the size that the registry takes.
    pub(super) async fn begin(api: &'a Api<'a, 's>, provider: Provider) -> Result<Self, FeedError> {
        let (firsts, base) = (&api.session.memory().firsts, &api.registry.base);
        let known = firsts.get(base.as_str(), api.repository);
        let mut is_news = known.is_none();
        let mut first = known.unwrap_or_else(|| first_page(api, provider.page_size()));
        let mut get = Get {
            subject: api.subject,
            url: first.url.clone(),
            repository: api.repository,
            headers: vec![(ACCEPT, A_LIST.clone())],
        };
        let mut response = api.session.get(&get).await?;
        if first.size > SAFE_PAGE && refuses_size(response.status()) {
            is_news = true;
            first = first_page(api, SAFE_PAGE);
            get.url = first.url.clone();
            response = api.session.get(&get).await?;
        }
        if is_news && response.status() == StatusCode::OK {
            firsts.keep(base.as_str(), api.repository, first.clone());
        }
        let mut pages = Self {
            api,
            name: Name::new(&api.session.feed().kind, first.size),
            walk: Walk::new(api.limits, first),
            get,
            unread: VecDeque::new(),
            is_over: false,
            has_surplus: false,
        };
        pages.read(response).await?;
        Ok(pages)
    }

    /// The headers of the first page, before it is looked into.
    pub(super) fn headers(&self) -> Option<&HeaderMap> {
        self.unread.front().map(|page| &page.headers)
    }

    /// Whether they are, byte for byte and to the end, those of which `known` is the name. Goes no further than
    /// these went.
    pub(super) async fn are(&mut self, known: &str) -> Result<bool, FeedError> {
        let mut kept = 0;
        while self.name.may_become(known) && !self.is_over && kept < MOST_UNREAD {
            let Some(page) = self.unread.back() else {
                break;
            };
            kept += page.body.len();
            let Some(next) = self.behind(page) else { break };
            self.fetch(next).await?;
        }
        Ok(self.name.is(known))
    }

    /// Takes the tags of the next page, and gives its body; `None` behind the last.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, FeedError> {
        let Some(page) = self.unread.pop_front() else {
            return Ok(None);
        };
        let number = self.walk.pages() + 1;
        let entries = entries(&self.get, &page.body);
        let entries = entries.map_err(|error| on_page(number, error))?;
        let next = self.walk.take(entries, page.link.as_deref());
        let next = next.map_err(|error| {
            let subject = self.api.subject;
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

    /// All tags, each once, in text order, and the name of the list.
    pub(super) fn into_tags(self) -> (Vec<String>, Option<String>) {
        let name = (!self.has_surplus).then(|| self.name.written());
        (self.walk.into_tags(), name)
    }

    /// What comes behind a page that is not taken yet. Only where no link says it does it depend on what is in
    /// the page. What is wrong with it shows when it is taken.
    fn behind(&self, page: &Page) -> Option<Next> {
        let entries = match page.link {
            Some(_) => Vec::new(),
            None => entries(&self.get, &page.body).ok()?,
        };
        let last = entries.last().map(String::as_str);
        let next = self.walk.behind(entries.len(), last, page.link.as_deref());
        next.ok()?
    }

    async fn fetch(&mut self, next: Next) -> Result<(), FeedError> {
        self.get.url = next.url;
        let number = self.walk.pages() + self.unread.len() + 1;
        let read = match self.api.session.get(&self.get).await {
            // zot knows no page behind the last.
            Err(error) if next.is_guessed && error.kind == FeedErrorKind::NotFound => self.end(),
            Ok(response) if next.is_guessed && response.status().is_client_error() => self.end(),
            Ok(response) => self.read(response).await,
            Err(error) => Err(error),
        };
        read.map_err(|error| on_page(number, error))
    }

    fn end(&mut self) -> Result<(), FeedError> {
        self.name.add(&[], End::NoPage);
        self.is_over = true;
        Ok(())
    }

    /// Reads the page in a response.
    async fn read(&mut self, mut response: Response) -> Result<(), FeedError> {
        if response.status() != StatusCode::OK {
            return Err(self.api.session.unexpected(&self.get, response).await);
        }
        let headers = std::mem::take(response.headers_mut());
        let body = read_capped(response, self.api.limits.page_bytes).await;
        let body = body.map_err(|error| self.api.subject.unread(&self.get.url, error))?;
        let link = link::next(&headers);
        let end = if link.is_some() {
            End::Link
        } else {
            End::NoLink
        };
        self.name.add(&body, end);
        self.unread.push_back(Page {
            headers,
            body,
            link,
        });
        Ok(())
    }
}

/// The first page of the repository's list, in pages of so many tags.
fn first_page(api: &Api<'_, '_>, size: usize) -> Arc<FirstPage> {
    let mut list = api.registry.base.clone();
    let path = list.path().trim_end_matches('/');
    let path = format!("{path}/v2/{}/tags/list", api.repository);
    list.set_path(&path);
    FirstPage::new(list, size).into()
}

/// The statuses by which registries refuse a page size: ECR, the reference implementation, Quay.
fn refuses_size(status: StatusCode) -> bool {
    matches!(status.as_u16(), 400 | 405 | 413)
}

/// The error with how far the list had come.
fn on_page(number: usize, error: FeedError) -> FeedError {
    FeedError {
        message: format!("{}; it was page {number} of the list", error.message),
        ..error
    }
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
