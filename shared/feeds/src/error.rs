//! Failures, told so that whoever reads them knows which feed and package, where, and what to do.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use domain::feed::Feed;
use domain::ids::PackageId;
use domain::time::Span;
use engine::ports::{FeedError, FeedErrorKind};
use engine::with_causes;
use http_client::{BodyError, Redactor, Refused, refusal, shown};
use url::Url;

/// What a request is about.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) feed: &'a Feed,
    /// Absent for what all packages share.
    pub(crate) package: Option<&'a PackageId>,
}

impl fmt::Display for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(package) = self.package {
            write!(f, "package {package} of ")?;
        }
        write!(f, "feed {:?}", self.feed.name)
    }
}

impl<'a> Subject<'a> {
    /// The feed as a whole.
    pub(crate) fn feed(feed: &'a Feed) -> Self {
        Self {
            feed,
            package: None,
        }
    }

    /// One package of a feed.
    pub(crate) fn package(feed: &'a Feed, package: &'a PackageId) -> Self {
        Self {
            feed,
            package: Some(package),
        }
    }

    pub(crate) fn error(self, kind: FeedErrorKind, what: impl fmt::Display) -> FeedError {
        FeedError {
            message: format!("{self}: {what}"),
            kind,
            source: None,
        }
    }

    /// What `url` did, and what to do about it.
    pub(crate) fn at(self, kind: FeedErrorKind, url: &Url, what: impl fmt::Display) -> FeedError {
        self.error(kind, format_args!("{} {what}", shown(url)))
    }

    /// An address that may not be reached. The refusal itself names the remedy.
    pub(crate) fn refused(self, refused: Refused) -> FeedError {
        caused_by(
            self.error(FeedErrorKind::Forbidden, "its address may not be reached"),
            refused,
        )
    }

    /// A request without an answer.
    pub(crate) fn unanswered(self, url: &Url, error: reqwest::Error) -> FeedError {
        if let Some(refused) = refusal(&error) {
            return self.refused(refused.clone());
        }
        let error = error.without_url();
        let (kind, what) = if error.is_redirect() {
            (
                FeedErrorKind::Forbidden,
                "redirects to where it is not followed; check the feed's URL",
            )
        } else if error.is_timeout() {
            (
                FeedErrorKind::Unavailable,
                "does not answer in time; it is tried again later",
            )
        } else {
            (
                FeedErrorKind::Unavailable,
                "cannot be reached; check the feed's URL if this does not pass by itself",
            )
        };
        caused_by(self.at(kind, url, what), error)
    }

    /// An answer that was not read to its end.
    pub(crate) fn unread(self, url: &Url, error: BodyError) -> FeedError {
        let what = match &error {
            BodyError::TooLong { .. } => "gives more than is read at once; check the feed's URL",
            BodyError::Broken { .. } => "gives an answer that breaks off; it is tried again later",
        };
        caused_by(self.at(FeedErrorKind::Incomplete, url, what), error)
    }
}

/// The error with its cause.
pub(crate) fn caused_by(error: FeedError, source: impl Error + Send + Sync + 'static) -> FeedError {
    FeedError {
        source: Some(Arc::new(source)),
        ..error
    }
}

/// The error without what servers were told in confidence and have repeated.
pub(crate) fn without_secrets(error: FeedError, redactor: &Redactor) -> FeedError {
    let source = error.source.map(|source| {
        let text = with_causes(&source);
        let shown = redactor.hide(&text);
        if shown == text {
            source
        } else {
            let cause: Arc<dyn Error + Send + Sync> = Arc::new(Cause(shown));
            cause
        }
    });
    FeedError {
        message: redactor.hide(&error.message),
        source,
        ..error
    }
}

/// A cause of which something was hidden.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Cause(String);

/// A span in the domain's unit.
pub(crate) fn span(duration: Duration) -> Span {
    Span::from_millis(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX))
}
