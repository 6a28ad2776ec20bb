//! Reading feeds.

use std::sync::Arc;

use domain::feed::Feed;
use domain::ids::PackageId;
use domain::snapshot::Listed;
use domain::time::Span;

/// Reads what the packages of a feed hold.
pub trait FeedReader {
    /// Reads several packages of one feed, so that what they share is fetched once. The answer has one
    /// entry for each request, in the same order; one package's failure does not fail the others.
    ///
    /// A listing is complete or it is an error: what could not be read to the end is never returned as
    /// a smaller listing.
    async fn read(&self, feed: &Feed, requests: &[ReadRequest]) -> Vec<Result<Reading, FeedError>>;
}

impl<T: FeedReader> FeedReader for std::rc::Rc<T> {
    async fn read(&self, feed: &Feed, requests: &[ReadRequest]) -> Vec<Result<Reading, FeedError>> {
        T::read(self, feed, requests).await
    }
}

/// One package to read, with what makes the read conditional.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadRequest {
    /// The package.
    pub package: PackageId,
    /// From the last reading, if there was one and the feed gave any.
    pub validators: Option<Validators>,
}

/// HTTP validators, verbatim.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validators {
    /// `ETag`, with its quotes and its `W/`.
    pub etag: Option<String>,
    /// `Last-Modified`.
    pub last_modified: Option<String>,
}

/// What a package holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// The feed says that nothing changed since the validators were given.
    Unchanged,
    /// Every version, in any order, each once.
    Listing {
        /// The versions.
        versions: Vec<Listed>,
        /// What makes the next read conditional.
        validators: Option<Validators>,
    },
}

/// A package that could not be read.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct FeedError {
    /// What went wrong and what to do about it, naming the feed or the package and the URL without
    /// user information and query. It does not repeat the source.
    pub message: String,
    /// What it means for this read and for the feed's other packages.
    pub kind: FeedErrorKind,
    /// The cause.
    #[source]
    pub source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// What a failure means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedErrorKind {
    /// The credential was refused or is missing: 401, 403.
    Denied,
    /// The feed does not have the package: 404.
    NotFound,
    /// The feed asks for a pause; the span where it says how long.
    Throttled(Option<Span>),
    /// The feed cannot be reached, or fails: connection, timeout, 5xx.
    Unavailable,
    /// The answer breaks off, repeats itself, or exceeds a limit.
    Incomplete,
    /// The answer is not what the protocol says.
    Malformed,
    /// Its address may not be reached from here.
    Forbidden,
    /// The feed's settings cannot be used.
    Misconfigured,
}

impl FeedErrorKind {
    /// Whether the failure concerns the whole feed and not only this package.
    pub fn concerns_feed(self) -> bool {
        match self {
            Self::Throttled(_) | Self::Unavailable | Self::Forbidden | Self::Misconfigured => true,
            Self::Denied | Self::NotFound | Self::Incomplete | Self::Malformed => false,
        }
    }

    /// The pause that the feed asked for.
    pub fn retry_after(self) -> Option<Span> {
        match self {
            Self::Throttled(span) => span,
            _ => None,
        }
    }

    /// The kind's name, as metrics and events show it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::NotFound => "notFound",
            Self::Throttled(_) => "throttled",
            Self::Unavailable => "unavailable",
            Self::Incomplete => "incomplete",
            Self::Malformed => "malformed",
            Self::Forbidden => "forbidden",
            Self::Misconfigured => "misconfigured",
        }
    }
}
