//! One repository of a registry, with everything that is needed to request something about it.

use bytes::Bytes;
use engine::ports::FeedError;
use http_client::read_capped;
use reqwest::{Response, StatusCode};
use url::Url;

use crate::address::Registry;
use crate::error::Subject;
use crate::limits::Limits;
use crate::session::{Get, Session};

/// The context of requests about one repository.
pub(crate) struct Repository<'a, 'f> {
    pub(crate) session: &'a Session<'f>,
    pub(crate) limits: &'a Limits,
    pub(crate) registry: &'a Registry,
    pub(crate) subject: Subject<'a>,
    /// The repository's name.
    pub(crate) name: &'a str,
}

impl<'a> Repository<'a, '_> {
    /// A request without headers.
    pub(crate) fn get(&self, url: Url) -> Get<'a> {
        Get {
            subject: self.subject,
            url,
            repository: self.name,
            headers: Vec::new(),
        }
    }

    /// A URL below the registry's base URL.
    pub(crate) fn registry_url(&self, path: &str) -> Url {
        let mut url = self.registry.base.clone();
        let base = url.path().trim_end_matches('/');
        let path = format!("{base}/v2/{}/{path}", self.name);
        url.set_path(&path);
        url
    }

    /// A URL at the root of the registry's host.
    pub(crate) fn host_url(&self, path: &str, query: &[(&str, &str)]) -> Url {
        let mut url = self.registry.base.clone();
        url.set_path(path);
        url.query_pairs_mut().extend_pairs(query);
        url
    }

    /// The body of a response, of at most so many bytes. Another status than 200 is an error.
    pub(crate) async fn body(
        &self,
        get: &Get<'_>,
        response: Response,
        most: usize,
    ) -> Result<Bytes, FeedError> {
        if response.status() != StatusCode::OK {
            return Err(self.session.unexpected(get, response).await);
        }
        let body = read_capped(response, most).await;
        body.map_err(|error| self.subject.incomplete_body(&get.url, error))
    }
}
