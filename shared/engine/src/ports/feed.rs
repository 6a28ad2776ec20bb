//! Reads feeds.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::budget::Quota;
use domain::feed::{Access, Feed};
use domain::ids::PackageId;
use domain::metadata::{EcrRecord, VersionMetadata};
use domain::snapshot::Listed;
use domain::time::{Span, Timestamp};
use domain::trigger::PackageDetails;

/// Reads the versions of packages.
pub trait FeedReader {
    /// Reads several packages of one feed, so that shared files are fetched once. The answer has one reading per
    /// request, in the same order; a failure of one package does not affect the others.
    ///
    /// A listing is complete or an error: an incomplete listing is never returned as a smaller one.
    async fn read(&self, feed: &Feed, requests: &[ReadRequest]) -> FeedAnswer;

    /// Reads labels and platforms of versions of one feed. The answer has one reading per request, in the same order. For a
    /// feed that reports none, each reading is an error with the cause.
    async fn read_metadata(&self, feed: &Feed, requests: &[MetadataRequest]) -> MetadataAnswer {
        let error = FeedError {
            message: format!(
                "the feed {:?} is read through Octopus, which reports no labels, signatures or scans; give this program a \
                 credential for the feed",
                feed.name
            ),
            kind: FeedErrorKind::Misconfigured,
            source: None,
        };
        MetadataAnswer::failed(&error, requests.len())
    }
}

/// A version whose metadata is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataRequest {
    pub package: PackageId,
    pub version: String,
    /// The digest of the content. `None`: the content that the version has now.
    pub digest: Option<String>,
    /// The public keys, in PEM, with which signatures are verified. Empty: signatures are not read.
    pub keys: Vec<String>,
    /// The record of ECR that is read instead of labels, platforms and signatures.
    pub record: Option<EcrRecord>,
}

/// The metadata of versions, and the cost of reading it.
#[derive(Clone, Debug, Default)]
pub struct MetadataAnswer {
    /// One reading per request, in the same order.
    pub readings: Vec<Result<VersionMetadata, FeedError>>,
    /// Number of requests to the feed or its token server, without redirects.
    pub requests: usize,
    /// The remaining quota, if the server returned it.
    pub quota: Option<QuotaLeft>,
}

impl MetadataAnswer {
    /// The answer if no request could be sent.
    pub fn failed(error: &FeedError, requests: usize) -> Self {
        Self {
            readings: vec![Err(error.clone()); requests],
            ..Self::default()
        }
    }

    /// The cost of the answer, for the feed's budget.
    pub fn cost(&self) -> FeedAnswer {
        let readings = self.readings.iter();
        let reading = |one: &Result<VersionMetadata, FeedError>| match one {
            Ok(_) => Ok(Reading::Unchanged),
            Err(error) => Err(error.clone()),
        };
        FeedAnswer {
            readings: readings.map(reading).collect(),
            requests: self.requests,
            quota: self.quota.clone(),
            allowance: None,
        }
    }
}

/// Knows the routes of feeds, which determine the budgets of reads.
pub trait Routes {
    /// The registries that this program can reach directly.
    fn access(&self) -> Access;

    /// Looks up credentials of these feeds, so that [`access`](Self::access) contains them. Call it before a route is
    /// selected. Does nothing where all credentials are known from the start.
    async fn prepare(&self, _feeds: &[Feed]) {}
}

/// The result of a read, and its cost.
#[derive(Clone, Debug, Default)]
pub struct FeedAnswer {
    /// One reading per request, in the same order.
    pub readings: Vec<Result<Reading, FeedError>>,
    /// Number of requests to the feed, its token server or Octopus, without redirects.
    pub requests: usize,
    /// The remaining quota, if the server returned it.
    pub quota: Option<QuotaLeft>,
    /// The requests per minute that the server allows, if it limits them and they are not only for feeds.
    pub allowance: Option<u32>,
}

/// The remaining quota of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuotaLeft {
    /// Requests per window, if the server returns it.
    pub limit: Option<u64>,
    /// Remaining requests of the window.
    pub remaining: u64,
    /// The time until the window ends, if the server returns it.
    pub resets_in: Option<Span>,
}

impl QuotaLeft {
    /// The quota by the receiver's clock.
    pub fn at(&self, now: Timestamp) -> Quota {
        Quota {
            limit: self.limit,
            remaining: self.remaining,
            resets_at: self.resets_in.map(|resets_in| now + resets_in),
        }
    }
}

impl FeedAnswer {
    /// The answer if no request could be sent: the same error for each of `requests` packages.
    pub fn failed(error: FeedError, requests: usize) -> Self {
        Self {
            readings: vec![Err(error); requests],
            ..Self::default()
        }
    }
}

impl<T: FeedReader> FeedReader for std::rc::Rc<T> {
    async fn read(&self, feed: &Feed, requests: &[ReadRequest]) -> FeedAnswer {
        T::read(self, feed, requests).await
    }

    async fn read_metadata(&self, feed: &Feed, requests: &[MetadataRequest]) -> MetadataAnswer {
        T::read_metadata(self, feed, requests).await
    }
}

/// A package to read, with the validators of a conditional read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadRequest {
    pub package: PackageId,
    /// The validators of the last reading, if any.
    pub validators: Option<Validators>,
    /// The details of versions to read. They may cost further requests. A detail that the feed does not
    /// have is absent from the listing; a tag in `digests_of` that the feed does not list is ignored.
    /// With a platform, the digests of the [`NEWEST_WITH_DIGESTS`] newest versions are read too.
    pub details: PackageDetails,
    /// Known digests of earlier readings, by version: of the requested platform, else of the tags. The digests of
    /// a platform are not read again; the digest of a tag in `digests_of` makes its request conditional.
    pub known_digests: BTreeMap<String, String>,
}

/// The number of newest versions whose digests for a platform are read: more than are pushed between two
/// checks, and few enough for a registry that counts requests.
pub const NEWEST_WITH_DIGESTS: usize = 25;

impl ReadRequest {
    /// An unconditional request for the versions of a package, without details.
    pub fn new(package: PackageId) -> Self {
        Self {
            package,
            validators: None,
            details: PackageDetails::default(),
            known_digests: BTreeMap::new(),
        }
    }
}

/// The validators of a reading, by which the next reading of the same content is recognised.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validators {
    /// `ETag` verbatim, with its quotes and `W/`.
    pub etag: Option<String>,
    /// `Last-Modified`, verbatim.
    pub last_modified: Option<String>,
    /// The fingerprint of the answer's bytes, for feeds with neither header.
    pub content: Option<String>,
    /// When the content was last read in full; `None` for other feeds, and in rows of older versions. Feeds
    /// read unconditionally now and then, so that no wrong "not modified" lasts.
    pub received_at: Option<Timestamp>,
    /// A validator of the server was wrong: it stayed the same while the content changed. The feed is then read
    /// unconditionally.
    pub is_untrusted: bool,
}

impl Validators {
    /// Whether these should replace the `known` validators of the same listing.
    ///
    /// The fingerprint of the bytes is stored only once: some registries return the same tags in a different
    /// order each time, so a new fingerprint is no better than the old one.
    pub fn is_news(&self, known: &Self) -> bool {
        let is_first_name = known.content.is_none() && self.content.is_some();
        is_first_name
            || self.etag != known.etag
            || self.last_modified != known.last_modified
            || self.is_untrusted != known.is_untrusted
            || self.is_read_later(known)
    }
}

/// The minimum time between two stored times of a full read.
const READ_AGAIN: Span = Span::from_hours(12);

impl Validators {
    /// Whether the server sent one.
    pub fn has_any(&self) -> bool {
        self.etag.is_some() || self.last_modified.is_some()
    }

    /// Whether the server sent the same one with other content.
    pub fn is_contradicted_by(&self, next: &Self) -> bool {
        match (&self.etag, &next.etag) {
            (Some(known), Some(next)) => known == next,
            (None, None) => {
                self.last_modified.is_some() && self.last_modified == next.last_modified
            }
            _ => false,
        }
    }

    fn is_read_later(&self, known: &Self) -> bool {
        match (self.received_at, known.received_at) {
            (Some(new), Some(known)) => new.since(known) >= READ_AGAIN || known.is_ahead_of(new),
            (Some(_), None) => true,
            (None, _) => false,
        }
    }
}

/// The reading of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// The listing did not change since the validators were returned.
    Unchanged,
    /// Every version, in any order, each once.
    Listing {
        /// The versions.
        versions: Vec<Listed>,
        /// The validators for the next read.
        validators: Option<Validators>,
    },
}

/// A package that could not be read.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct FeedError {
    /// The problem with its remedy, the feed or package, and the URL without user information and query. It does
    /// not contain the source.
    pub message: String,
    pub kind: FeedErrorKind,
    /// The cause.
    #[source]
    pub source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// The kind of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedErrorKind {
    /// The credential was refused or is missing: 401, 403.
    Denied,
    /// The feed does not have the package: 404.
    NotFound,
    /// The feed throttles requests; with the span of `Retry-After`, if any.
    Throttled(Option<Span>),
    /// The feed cannot be reached, or fails: connection, timeout, 5xx.
    Unavailable,
    /// The answer ends early, repeats itself, or exceeds a limit.
    Incomplete,
    /// The answer does not follow the protocol.
    Malformed,
    /// The feed's address is not allowed.
    Forbidden,
    /// The feed's settings are unusable.
    Misconfigured,
}

impl FeedErrorKind {
    /// Whether the failure concerns the whole feed, not only the package.
    pub fn concerns_feed(self) -> bool {
        match self {
            Self::Throttled(_) | Self::Unavailable | Self::Forbidden | Self::Misconfigured => true,
            Self::Denied | Self::NotFound | Self::Incomplete | Self::Malformed => false,
        }
    }

    /// The span of `Retry-After`.
    pub fn retry_after(self) -> Option<Span> {
        match self {
            Self::Throttled(span) => span,
            _ => None,
        }
    }

    /// The name in metrics and events.
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

#[cfg(test)]
mod tests {
    use super::{FeedAnswer, FeedError, FeedErrorKind, Span, Validators};

    fn validators(etag: &str, last_modified: &str, content: &str) -> Validators {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Validators {
            etag: some(etag),
            last_modified: some(last_modified),
            content: some(content),
            ..Validators::default()
        }
    }

    #[test]
    fn validators_are_news_if_a_header_changed_or_a_fingerprint_is_the_first() {
        for (known, new, is_news) in [
            (("", "", ""), ("", "", ""), false),
            (("a", "", ""), ("a", "", ""), false),
            (("a", "", ""), ("b", "", ""), true),
            (("", "", ""), ("a", "", ""), true),
            (("a", "", ""), ("", "", ""), true),
            (("a", "m", ""), ("a", "n", ""), true),
            (("a", "m", ""), ("a", "m", ""), false),
            (("", "", ""), ("", "", "x"), true),
            // The same tags in other bytes.
            (("", "", "x"), ("", "", "y"), false),
            (("", "", "x"), ("", "", "x"), false),
            (("", "", "x"), ("", "", ""), false),
            (("a", "", "x"), ("b", "", "y"), true),
        ] {
            let of = |(etag, modified, content)| validators(etag, modified, content);
            assert_eq!(of(new).is_news(&of(known)), is_news, "{known:?} {new:?}");
        }
    }

    #[test]
    fn failed_answer_has_the_error_for_every_request() {
        let error = FeedError {
            message: "the feed Images has no address".to_owned(),
            kind: FeedErrorKind::Misconfigured,
            source: None,
        };
        let answer = FeedAnswer::failed(error, 2);
        let messages = answer.readings.into_iter();
        let messages: Vec<_> = messages.map(|one| one.unwrap_err().message).collect();
        assert_eq!(messages, ["the feed Images has no address"; 2]);
        assert_eq!(answer.requests, 0);
    }

    /// Subscribers and alarms use these names.
    #[test]
    fn each_kind_of_failure_has_its_name() {
        let named = [
            (FeedErrorKind::Denied, "denied"),
            (FeedErrorKind::NotFound, "notFound"),
            (FeedErrorKind::Throttled(None), "throttled"),
            (FeedErrorKind::Throttled(Some(Span::default())), "throttled"),
            (FeedErrorKind::Unavailable, "unavailable"),
            (FeedErrorKind::Incomplete, "incomplete"),
            (FeedErrorKind::Malformed, "malformed"),
            (FeedErrorKind::Forbidden, "forbidden"),
            (FeedErrorKind::Misconfigured, "misconfigured"),
        ];
        for (kind, name) in named {
            assert_eq!(kind.name(), name);
        }
    }
}
