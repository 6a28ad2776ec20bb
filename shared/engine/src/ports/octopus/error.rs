//! Failed calls of Octopus Server.

use domain::time::Span;

/// A failed call of Octopus.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct OctopusError {
    /// The problem with its subject and remedy, without the source.
    pub message: String,
    pub kind: OctopusErrorKind,
    /// The cause.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The kind of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OctopusErrorKind {
    /// The API key is missing, wrong or expired: 401.
    Unauthorized,
    /// The API key's user lacks a permission: 403.
    Forbidden,
    /// The object does not exist or cannot be seen: 404.
    NotFound,
    /// Octopus refuses the request as invalid: 400 and similar.
    Invalid,
    /// This server does not support the request; a newer one may.
    Unsupported,
    /// The project has a release of that number already.
    AlreadyExists,
    /// Octopus throttles requests; with the span of `Retry-After`, if any.
    Throttled(Option<Span>),
    /// Octopus cannot be reached, fails, or is in maintenance; the request had no effect.
    Unavailable,
    /// No answer arrived after the request was sent; it may have had an effect.
    Unknown,
    /// The answer does not have the form of Octopus's API.
    Malformed,
}

impl OctopusErrorKind {
    /// The span of `Retry-After`.
    pub fn retry_after(self) -> Option<Span> {
        match self {
            Self::Throttled(span) => span,
            _ => None,
        }
    }

    /// Whether the failure concerns the API key and so every request, not only the one that failed.
    pub fn concerns_key(self) -> bool {
        matches!(self, Self::Unauthorized | Self::Throttled(_))
    }

    /// Whether the server could not answer, so that a later request may succeed.
    pub fn is_temporary(self) -> bool {
        matches!(self, Self::Unavailable | Self::Unknown)
    }
}
