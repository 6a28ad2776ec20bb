//! A provider's own API: pages of JSON beside the registry's protocol.

use std::collections::HashSet;

use engine::ports::{FeedError, FeedErrorKind};
use http_client::{from_json, read_capped};
use reqwest::StatusCode;
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use serde::de::DeserializeOwned;
use url::Url;

use crate::address::Registry;
use crate::auth::challenge::Challenge;
use crate::error::{Subject, caused_by};
use crate::limits::Limits;
use crate::session::{Get, Session};

/// What a question about one repository goes with.
pub(crate) struct Api<'a, 'f> {
    pub(crate) session: &'a Session<'f>,
    pub(crate) limits: &'a Limits,
    pub(crate) registry: &'a Registry,
    pub(crate) subject: Subject<'a>,
    pub(crate) repository: &'a str,
}

/// Where the next page is.
pub(super) enum Next {
    /// There is none.
    End,
    /// At this URL, on the API's own origin.
    At(Url),
}

impl Api<'_, '_> {
    /// A URL at the root of the registry's own host.
    pub(super) fn url(&self, path: &str, query: &[(&str, &str)]) -> Url {
        let mut url = self.registry.base.clone();
        url.set_path(path);
        url.query_pairs_mut().extend_pairs(query);
        url
    }

    /// Reads pages from `first` to the end. A page that comes again, or one too many, is an error that
    /// says how far it came.
    pub(super) async fn pages<P: DeserializeOwned>(
        &self,
        first: Url,
        challenge: Option<&Challenge>,
        mut take: impl FnMut(&Url, &HeaderMap, P) -> Next,
    ) -> Result<(), FeedError> {
        let mut visited = HashSet::new();
        let mut url = first;
        loop {
            if !visited.insert(url.to_string()) || visited.len() > self.limits.pages {
                let what = format!(
                    "does not come to an end of its dates: {} pages were read; it is tried again later",
                    visited.len()
                );
                return Err(self.subject.at(FeedErrorKind::Incomplete, &url, what));
            }
            let (headers, page) = self.page(&url, challenge).await?;
            match take(&url, &headers, page) {
                Next::End => return Ok(()),
                Next::At(next) => url = next,
            }
        }
    }

    async fn page<P: DeserializeOwned>(
        &self,
        url: &Url,
        challenge: Option<&Challenge>,
    ) -> Result<(HeaderMap, P), FeedError> {
        let get = Get {
            subject: self.subject,
            url: url.clone(),
            repository: self.repository,
            headers: vec![(ACCEPT, HeaderValue::from_static("application/json"))],
        };
        let response = self.session.ask(&get, challenge).await?;
        if response.status() != StatusCode::OK {
            return Err(self.session.unexpected(&get, response).await);
        }
        let headers = response.headers().clone();
        let body = read_capped(response, self.limits.page_bytes).await;
        let body = body.map_err(|error| self.subject.unread(url, error))?;
        let page = from_json(&body).map_err(|error| {
            let what = "does not say when its tags were published; check the feed's URL";
            caused_by(self.subject.at(FeedErrorKind::Malformed, url, what), error)
        })?;
        Ok((headers, page))
    }
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
