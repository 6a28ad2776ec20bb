//! Builds check requests for the packages of a feed.

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

/// Builds the requests for packages of a feed, with at most [`PACKAGES_PER_CHECK`] packages each.
pub(crate) fn requests(
    feed: &Feed,
    packages: &[PackageRequest],
    feed_retrying: bool,
    cause: &str,
    origin: &Origin,
    now: Timestamp,
) -> Vec<Message> {
    packages
        .chunks(PACKAGES_PER_CHECK)
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
                cause: cause.to_owned(),
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
