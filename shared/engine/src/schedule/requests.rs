//! Builds check requests for the packages of a feed.

use domain::cause::CheckCause;
use domain::feed::Feed;
use domain::ids::{PackageId, PackageKey};
use domain::time::Timestamp;
use domain::trigger::{PackageDetails, WatchList};

use super::PACKAGES_PER_CHECK;
use crate::messages::{Event, FeedCheck, Message, Origin};

/// A package of a check request.
pub(crate) struct PackageRequest {
    package: PackageId,
    /// The last check of the package failed.
    retrying: bool,
    /// The details that triggers require of it.
    details: Option<PackageDetails>,
}

impl PackageRequest {
    pub(crate) fn new(key: &PackageKey, retrying: bool, list: &WatchList) -> Self {
        Self {
            package: key.package.clone(),
            retrying,
            details: list.details.get(key).cloned(),
        }
    }
}

/// Names and details in one check request, in bytes of JSON. The bus accepts 64 KB, including the feed and the
/// fields of the message need a part.
const MAX_REQUEST_BYTES: usize = 48 * 1024;

/// Builds the requests for packages of a feed. Each has at most [`PACKAGES_PER_CHECK`] packages and
/// [`MAX_REQUEST_BYTES`]. A package that exceeds this alone has a request of its own, which the bus rejects, so
/// that it does not affect other packages.
pub(crate) fn requests(
    feed: &Feed,
    packages: &[PackageRequest],
    feed_retrying: bool,
    cause: CheckCause,
    superseded_at: Option<Timestamp>,
    origin: &Origin,
    now: Timestamp,
) -> Vec<Message> {
    chunks(packages)
        .into_iter()
        .map(|chunk| {
            let those = |is: fn(&PackageRequest) -> bool| {
                chunk
                    .iter()
                    .filter(|one| is(one))
                    .map(|one| one.package.clone())
                    .collect()
            };
            let check = FeedCheck {
                feed: feed.clone(),
                packages: those(|_| true),
                retrying: those(|one| one.retrying),
                details: chunk
                    .iter()
                    .filter_map(|one| Some((one.package.clone(), one.details.clone()?)))
                    .collect(),
                feed_retrying,
                cause,
                superseded_at,
            };
            let unique = [
                origin.correlation_id.as_str(),
                feed.space.as_str(),
                feed.id.as_str(),
                chunk.first().map_or("", |one| one.package.as_str()),
            ];
            Message::new(origin, Event::FeedCheckRequested(check), &unique, now)
        })
        .collect()
}

/// Splits packages by number and size.
fn chunks(packages: &[PackageRequest]) -> Vec<&[PackageRequest]> {
    let mut chunks = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (index, package) in packages.iter().enumerate() {
        let more = package.json_bytes();
        let is_full = index - start == PACKAGES_PER_CHECK || bytes + more > MAX_REQUEST_BYTES;
        if index > start && is_full {
            chunks.push(&packages[start..index]);
            (start, bytes) = (index, 0);
        }
        bytes += more;
    }
    if start < packages.len() {
        chunks.push(&packages[start..]);
    }
    chunks
}

impl PackageRequest {
    /// The most bytes of the package's names and details in a message.
    fn json_bytes(&self) -> usize {
        // A package is named up to three times: among all, as retrying, and with its details.
        let names = 3 * json_bytes(self.package.as_str());
        let details = self.details.iter().flat_map(|details| {
            let tags = details.digests_of.iter().map(String::as_str);
            tags.chain(details.platform.as_deref())
        });
        names + details.map(json_bytes).sum::<usize>()
    }
}

/// The most bytes of a text as a JSON string with its separator.
fn json_bytes(text: &str) -> usize {
    /// Quotes, a comma, and the braces of details.
    const AROUND: usize = 16;
    let escaped = text.chars().map(|one| match one {
        '"' | '\\' => 2,
        one if one.is_control() => 6,
        one => one.len_utf8(),
    });
    escaped.sum::<usize>() + AROUND
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str) -> PackageRequest {
        PackageRequest {
            package: PackageId::new(name),
            retrying: false,
            details: None,
        }
    }

    fn sizes(packages: &[PackageRequest]) -> Vec<usize> {
        chunks(packages).into_iter().map(<[_]>::len).collect()
    }

    #[test]
    fn chunks_are_split_by_number() {
        let packages: Vec<_> = (0..200)
            .map(|number| package(&number.to_string()))
            .collect();
        assert_eq!(sizes(&packages), [90, 90, 20]);
        assert_eq!(sizes(&[]), [0; 0]);
    }

    #[test]
    fn chunks_are_split_by_size() {
        let long = "a".repeat(5_000);
        let packages: Vec<_> = (0..7).map(|_| package(&long)).collect();
        assert_eq!(sizes(&packages), [3, 3, 1]);
    }

    #[test]
    fn package_too_large_for_a_message_is_alone() {
        let huge = "a".repeat(70_000);
        let packages = [package("first"), package(&huge), package("last")];
        assert_eq!(sizes(&packages), [1, 1, 1]);
    }

    #[test]
    fn details_and_escapes_count() {
        let plain = package("web").json_bytes();
        assert!(package("w\u{1}b").json_bytes() > plain);
        let details = PackageDetails {
            platform: Some("linux/arm64".to_owned()),
            ..PackageDetails::default()
        };
        let detailed = PackageRequest {
            details: Some(details),
            ..package("web")
        };
        assert!(detailed.json_bytes() > plain);
    }
}
