//! The assets of pages: style, script and icon.

use bytes::Bytes;
use http::Response;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

use crate::header::put;

pub(crate) const STYLE: &str = concat!("/assets/", env!("CARGO_PKG_VERSION"), "/console.css");
pub(crate) const SCRIPT: &str = concat!("/assets/", env!("CARGO_PKG_VERSION"), "/console.js");
pub(crate) const ICON: &str = concat!("/assets/", env!("CARGO_PKG_VERSION"), "/icon.svg");

pub(crate) struct Asset {
    kind: &'static str,
    text: &'static str,
}

pub(crate) fn find(path: &str) -> Option<Asset> {
    let (kind, text) = match path {
        STYLE => (
            "text/css; charset=utf-8",
            include_str!("../assets/console.css"),
        ),
        SCRIPT => (
            "text/javascript; charset=utf-8",
            include_str!("../assets/console.js"),
        ),
        ICON | "/favicon.ico" => ("image/svg+xml", include_str!("../assets/icon.svg")),
        _ => return None,
    };
    Some(Asset { kind, text })
}

impl Asset {
    pub(crate) fn response(&self) -> Response<Bytes> {
        let mut response = Response::new(Bytes::from_static(self.text.as_bytes()));
        put(&mut response, CONTENT_TYPE, self.kind);
        // The address contains the version. Within a version, an hour of caching is enough for fast pages.
        put(&mut response, CACHE_CONTROL, "private, max-age=3600");
        response
    }
}
