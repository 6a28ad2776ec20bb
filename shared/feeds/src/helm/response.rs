//! Requests for indexes and charts, and what their answers have in common.

use engine::ports::{FeedError, FeedErrorKind, Validators};
use reqwest::Response;
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, ETAG, HeaderMap, HeaderName, HeaderValue,
    IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
};

use super::error::IndexError;
use super::index::Coding;
use crate::error::caused_by;
use crate::session::Get;

/// The request headers, conditional on the validators.
pub(super) fn headers(known: Option<&Validators>) -> Vec<(HeaderName, HeaderValue)> {
    let accept = "application/yaml, application/json;q=0.9, */*;q=0.8";
    let mut headers = vec![
        (ACCEPT, HeaderValue::from_static(accept)),
        (ACCEPT_ENCODING, HeaderValue::from_static("gzip")),
    ];
    let mut send = |name: HeaderName, value: Option<&String>| {
        let value = value.and_then(|value| HeaderValue::try_from(value).ok());
        headers.extend(value.map(|value| (name, value)));
    };
    send(IF_NONE_MATCH, known.and_then(|known| known.etag.as_ref()));
    send(
        IF_MODIFIED_SINCE,
        known.and_then(|known| known.last_modified.as_ref()),
    );
    headers
}

/// The validators in an answer, verbatim.
pub(super) fn validators(headers: &HeaderMap) -> Option<Validators> {
    let text = |name| Some(headers.get(name)?.to_str().ok()?.to_owned());
    let validators = Validators {
        etag: text(ETAG),
        last_modified: text(LAST_MODIFIED),
        content: None,
    };
    Some(validators).filter(|validators| *validators != Validators::default())
}

/// The encoding of an answer.
pub(super) fn coding(get: &Get<'_>, response: &Response) -> Result<Coding, FeedError> {
    match response
        .headers()
        .get(CONTENT_ENCODING)
        .map(HeaderValue::as_bytes)
    {
        None | Some(b"" | b"identity") => Ok(Coding::Plain),
        Some(b"gzip" | b"x-gzip") => Ok(Coding::Gzip),
        Some(_) => {
            let what = "has an encoding that was not requested; check the feed's server";
            Err(get.subject.at(FeedErrorKind::Malformed, &get.url, what))
        }
    }
}

/// The error of an index that cannot be read, with the remedy.
pub(super) fn feed_error(get: &Get<'_>, error: IndexError) -> FeedError {
    let (kind, what) = match error {
        IndexError::Broken(_) | IndexError::Cut => (
            FeedErrorKind::Incomplete,
            "ends early; it is tried again later",
        ),
        IndexError::TooLong { .. } => (
            FeedErrorKind::Incomplete,
            "is larger than an index may be; ask for a smaller one, or raise the limit",
        ),
        IndexError::Overfull { .. } => (
            FeedErrorKind::Incomplete,
            "has more versions of a chart than are read; remove old ones from the index",
        ),
        IndexError::Stopped => (
            FeedErrorKind::Unavailable,
            "was not read; it is tried again later",
        ),
        _ => (
            FeedErrorKind::Malformed,
            "is not the index of a Helm repository; check the feed's URL",
        ),
    };
    caused_by(get.subject.at(kind, &get.url, what), error)
}
