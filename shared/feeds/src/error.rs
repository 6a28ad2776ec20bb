//! Errors of reading a feed: each names the feed or package, the URL and the remedy.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use domain::feed::Feed;
use domain::ids::PackageId;
use domain::time::Span;
use engine::ports::{FeedError, FeedErrorKind};
use engine::with_causes;
use http_client::{BodyError, NotApproved, Redactor, Refused, certificate_problem, refusal, shown};
use url::Url;

/// The subject of a request.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) feed: &'a Feed,
    /// `None` for the feed as a whole.
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

    /// An error about `url`.
    pub(crate) fn at(self, kind: FeedErrorKind, url: &Url, what: impl fmt::Display) -> FeedError {
        self.error(kind, format_args!("{} {what}", shown(url)))
    }

    /// The error for an address that may not be connected to. The source names the remedy.
    pub(crate) fn forbidden_address(self, refused: Refused) -> FeedError {
        caused_by(
            self.error(FeedErrorKind::Forbidden, "its address may not be reached"),
            refused,
        )
    }

    /// The error for a name that is not requested from a proxy. The source names the remedy.
    pub(crate) fn not_approved(self, error: NotApproved) -> FeedError {
        match error {
            NotApproved::Refused(refused) => self.forbidden_address(refused),
            unresolved @ NotApproved::Unresolved { .. } => caused_by(
                self.error(FeedErrorKind::Unavailable, "its address is unknown"),
                unresolved,
            ),
        }
    }

    /// The error for a request without an answer.
    pub(crate) fn no_answer(self, url: &Url, error: reqwest::Error) -> FeedError {
        if let Some(refused) = refusal(&error) {
            return self.forbidden_address(refused.clone());
        }
        let error = error.without_url();
        let (kind, what) = if error.is_redirect() {
            (
                FeedErrorKind::Forbidden,
                "redirects to a location that is not followed; check the feed's URL",
            )
        } else if error.is_timeout() {
            (
                FeedErrorKind::Unavailable,
                "does not answer in time; it is tried again later",
            )
        } else if let Some(problem) = certificate_problem(&error) {
            (FeedErrorKind::Unavailable, problem)
        } else {
            (
                FeedErrorKind::Unavailable,
                "cannot be reached; check the feed's URL if this persists",
            )
        };
        caused_by(self.at(kind, url, what), error)
    }

    /// The error for a body that was not read to its end.
    pub(crate) fn incomplete_body(self, url: &Url, error: BodyError) -> FeedError {
        let what = match &error {
            BodyError::TooLong { .. } => "returns more than is read at once; check the feed's URL",
            BodyError::Broken { .. } => {
                "returns an answer that ends early; it is tried again later"
            }
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

/// The error without secrets that a server repeated.
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

/// A source that contained a secret, as redacted text.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Cause(String);

/// Converts a duration to the domain's type.
pub(crate) fn span(duration: Duration) -> Span {
    Span::from_millis(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX))
}
