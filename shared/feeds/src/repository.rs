//! One repository of a registry, with everything that is needed to request something about it.

use url::Url;

use crate::address::Registry;
use crate::error::Subject;
use crate::limits::Limits;
use crate::session::Session;

/// The context of requests about one repository.
pub(crate) struct Repository<'a, 'f> {
    pub(crate) session: &'a Session<'f>,
    pub(crate) limits: &'a Limits,
    pub(crate) registry: &'a Registry,
    pub(crate) subject: Subject<'a>,
    /// The repository's name.
    pub(crate) name: &'a str,
}

impl Repository<'_, '_> {
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
}
