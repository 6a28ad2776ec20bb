//! Reading feeds.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::budget::Quota;
use domain::feed::{Access, Feed};
use domain::ids::PackageId;
use domain::snapshot::Listed;
use domain::time::{Span, Timestamp};
use domain::trigger::PackageDetails;

/// Reads what the packages of a feed hold.
pub trait FeedReader {
    /// Reads several packages of one feed, so that what they share is fetched once. The answer has one
    /// reading for each request, in the same order; one package's failure does not fail the others.
    ///
    /// A listing is complete or it is an error: what could not be read to the end is never returned as
    /// a smaller listing.
    async fn read(&self, feed: &Feed, requests: &[ReadRequest]) -> FeedAnswer;
}

/// Knows how feeds are read from here, and so what a read is counted with.
pub trait Routes {
    /// What this program may reach by itself.
    fn access(&self) -> &Access;
}

/// What reading a feed gave, and what it took.
#[derive(Clone, Debug, Default)]
pub struct FeedAnswer {
    /// One for each request, in the same order.
    pub readings: Vec<Result<Reading, FeedError>>,
    /// How many requests were sent to the feed, its token server or Octopus, without redirects.
    pub requests: usize,
    /// How much the server still gives, where it said so.
    pub quota: Option<QuotaLeft>,
}

/// How much a server still gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuotaLeft {
    /// How many requests it gives in a window, where it says so.
    pub limit: Option<u64>,
    /// How many of them are left.
    pub remaining: u64,
    /// How long until the limit is there anew, where it says so.
    pub resets_in: Option<Span>,
}

impl QuotaLeft {
    /// The quota by the clock of whoever received the answer.
    pub fn at(&self, now: Timestamp) -> Quota {
        Quota {
            limit: self.limit,
            remaining: self.remaining,
            resets_at: self.resets_in.map(|resets_in| now + resets_in),
        }
    }
}

impl FeedAnswer {
    /// The answer where nothing could be asked: the same error for each of so many requests.
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
}

/// One package to read, with what makes the read conditional.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadRequest {
    pub package: PackageId,
    /// From the last reading, if there was one and the feed sent any.
    pub validators: Option<Validators>,
    /// The details of versions to read. They may cost further requests. A detail that the feed does not
    /// have is absent from the listing; a tag in `digests_of` that the feed does not list is ignored.
    /// With a platform, the digests of the [`NEWEST_WITH_DIGESTS`] newest versions are read too.
    pub details: PackageDetails,
    /// Digests that are known from earlier readings, by version: for the platform where one is asked
    /// for, else of what the tag points at. The feed is not asked again for those of a platform; for a
    /// tag in `digests_of` the digest makes the request conditional.
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

/// By what the next reading of the same content is known as such.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validators {
    /// `ETag`, with its quotes and its `W/`, verbatim.
    pub etag: Option<String>,
    /// `Last-Modified`, verbatim.
    pub last_modified: Option<String>,
    /// A name of the answer's bytes, for feeds that have neither: the same bytes say the same.
    pub content: Option<String>,
    /// When the content was last read in full; `None` for other feeds, and in rows of older versions. Feeds
    /// read unconditionally now and then, so that no wrong "not modified" lasts.
    pub received_at: Option<Timestamp>,
    /// A validator of the server was wrong: it stayed the same while the content changed. The feed is then read
    /// unconditionally.
    pub is_untrusted: bool,
}

impl Validators {
    /// Whether these are worth a write where `known` ones are of the same listing.
    ///
    /// A name of the bytes is written down once: some registries give the same tags in another order each
    /// time, and what names these bytes is worth no more than what named the others.
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
            (Some(new), Some(known)) => new.since(known) >= READ_AGAIN,
            (Some(_), None) => true,
            (None, _) => false,
        }
    }
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
    fn validators_are_worth_a_write_where_they_say_something_new() {
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
    fn where_nothing_could_be_asked_every_request_has_the_error() {
        let error = FeedError {
            message: "the feed Images has no address".to_owned(),
            kind: FeedErrorKind::Misconfigured,
            source: None,
        };
        let answer = FeedAnswer::failed(error, 2);
        let said = answer.readings.into_iter();
        let said: Vec<_> = said.map(|one| one.unwrap_err().message).collect();
        assert_eq!(said, ["the feed Images has no address"; 2]);
        assert_eq!(answer.requests, 0);
    }

    /// Subscribers and alarms go by these names.
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
