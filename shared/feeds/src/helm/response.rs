//! Requests for indexes and charts, and what their answers have in common.

use engine::ports::{FeedError, FeedErrorKind, Validators};
use reqwest::Response;
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, HeaderName, HeaderValue, IF_MODIFIED_SINCE,
    IF_NONE_MATCH,
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
    // A server that knows both ignores the date (RFC 9110, 13.1.3), and a server that does not is wrong.
    let condition = known.and_then(|known| match (&known.etag, &known.last_modified) {
        (Some(etag), _) => Some((IF_NONE_MATCH, etag)),
        (None, Some(date)) => Some((IF_MODIFIED_SINCE, date)),
        (None, None) => None,
    });
    headers.extend(condition.and_then(|(name, value)| {
        let value = HeaderValue::try_from(value).ok()?;
        Some((name, value))
    }));
    headers
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
        IndexError::LongValue { .. } => (
            FeedErrorKind::Malformed,
            "has a value that is longer than is read; put the text in quotes, or shorten it",
        ),
        IndexError::LongJson { .. } => (
            FeedErrorKind::Malformed,
            "has a text that is longer than is read; shorten it in the chart, or write the index in YAML",
        ),
        IndexError::LongText { .. } => (
            FeedErrorKind::Malformed,
            "has a name or a version that is longer than is read; remove it from the index",
        ),
        IndexError::Alias | IndexError::Anchors { .. } => (
            FeedErrorKind::Malformed,
            "is not the index of a Helm repository that can be read; write aliases out",
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
