//! The list of an image's referrers, page by page: of the referrers API or, in registries without it, the index under the tag
//! `sha256-HEX`, which has one page.

use bytes::Bytes;
use engine::ports::{FeedError, FeedErrorKind};
use reqwest::header::ACCEPT;
use reqwest::{Response, StatusCode};
use signatures::ManifestDigest;
use url::Url;

use super::manifest;
use crate::link::{self, Link};
use crate::repository::Repository;

/// The maximum size of a manifest or of a page of referrers. Each of their entries has about 400 bytes.
pub(super) const LIST_BYTES: usize = 1 << 20;

/// The maximum number of pages. Each costs a request.
const MAX_PAGES: usize = 10;

/// The media type of bundles, for registries that filter referrers.
const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

/// The referrers of an image.
pub(super) struct Referrers<'s, 'a, 'f> {
    repository: &'s Repository<'a, 'f>,
    image: &'s ManifestDigest,
    /// The first page.
    list: Url,
    /// `None`: there are no more pages.
    next: Option<Url>,
    pages: usize,
}

/// A list that cannot be read to its end.
#[derive(Debug, thiserror::Error)]
enum ReferrersError {
    #[error(
        "has a `Link` header that leads to no next page, so there may be more referrers; correct the header in the registry \
         or its proxy"
    )]
    Link,
    #[error(
        "has more than {MAX_PAGES} pages, which is the limit; remove referrers that are not needed"
    )]
    Pages,
}

impl<'s, 'a, 'f> Referrers<'s, 'a, 'f> {
    pub(super) fn new(repository: &'s Repository<'a, 'f>, image: &'s ManifestDigest) -> Self {
        let mut list = repository.registry_url(&format!("referrers/{image}"));
        list.query_pairs_mut().append_pair("artifactType", BUNDLE);
        Self {
            repository,
            image,
            next: Some(list.clone()),
            list,
            pages: 0,
        }
    }

    /// The next page, an index. `None` after the last page.
    ///
    /// # Errors
    /// If a page cannot be read, or the last page is not reached.
    pub(super) async fn next_page(&mut self) -> Result<Option<Bytes>, FeedError> {
        let Some(url) = self.next.take() else {
            return Ok(None);
        };
        let is_first = self.pages == 0;
        if self.pages == MAX_PAGES {
            return Err(self.incomplete(ReferrersError::Pages));
        }
        self.pages += 1;
        let mut get = self.repository.get(url);
        get.headers.push((ACCEPT, manifest::ACCEPT));
        match self.repository.session.get(&get).await {
            Ok(response) if !is_first || response.status() == StatusCode::OK => {
                self.next = self.after(&response)?;
                let page = self.repository.body(&get, response, LIST_BYTES).await?;
                Ok(Some(page))
            }
            // Registries without the API answer with any of the other statuses.
            Ok(_) => self.tagged().await,
            Err(error) if is_first && error.kind == FeedErrorKind::NotFound => self.tagged().await,
            Err(error) => Err(error),
        }
    }

    /// The index under the tag.
    async fn tagged(&self) -> Result<Option<Bytes>, FeedError> {
        let path = format!("manifests/{}", self.image.referrers_tag());
        self.repository.fetch(&path, LIST_BYTES).await
    }

    /// The page after this one.
    fn after(&self, response: &Response) -> Result<Option<Url>, FeedError> {
        let next = match link::next(response.headers()) {
            Link::None => return Ok(None),
            Link::Next(next) => link::follow(&self.list, &next),
            Link::Unreadable => None,
        };
        let next = next.ok_or_else(|| self.incomplete(ReferrersError::Link))?;
        Ok(Some(next))
    }

    fn incomplete(&self, error: ReferrersError) -> FeedError {
        let subject = self.repository.subject;
        subject.at(FeedErrorKind::Incomplete, &self.list, error)
    }
}

impl Repository<'_, '_> {
    /// The body of a manifest or blob. `None`: there is none.
    pub(super) async fn fetch(&self, path: &str, most: usize) -> Result<Option<Bytes>, FeedError> {
        let mut get = self.get(self.registry_url(path));
        if !path.starts_with("blobs/") {
            get.headers.push((ACCEPT, manifest::ACCEPT));
        }
        match self.session.get(&get).await {
            Ok(response) => self.body(&get, response, most).await.map(Some),
            Err(error) if error.kind == FeedErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}
