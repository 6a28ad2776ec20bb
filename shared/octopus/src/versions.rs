//! A package's versions through Octopus, which stores the feeds' credentials and supports every kind of feed:
//! `/api/{space}/feeds/{id}/packages/versions`.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use domain::feed::Feed;
use domain::ids::{FeedId, PackageKey, SpaceId};
use domain::rule::{RuleStrategy, VersionRule};
use domain::snapshot::Listed;
use engine::ports::{
    FeedAnswer, FeedError, FeedErrorKind, OctopusError, OctopusErrorKind, ReadRequest, Reading,
};
use futures_util::{StreamExt, stream};
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::call::Call;
use crate::client::OctopusClient;
use crate::error::error;
use crate::keys::ApiKeys;
use listing::ListingError;
pub(crate) use listing::whole_listing;

mod listing;

/// The parameter for a rule's `VersionTagRegex`, on servers since 2026.
const TAG_REGEX: &str = "versionTagRegex";
/// The parameter for a rule's `VersioningStrategy`.
const STRATEGY: &str = "versioningStrategy";
/// Packages read in parallel. Octopus mostly waits for the feed, but has other clients too.
const AT_ONCE: usize = 4;
/// Versions of all packages of one read, which are in memory until they are stored: some 100 bytes each.
const MAX_READ: usize = 500_000;

impl<K: ApiKeys> OctopusClient<K> {
    /// Reads the packages. After an error of the whole feed, or after [`Timeouts::whole_read`], no more requests
    /// are sent.
    ///
    /// [`Timeouts::whole_read`]: crate::Timeouts::whole_read
    pub(crate) async fn read_packages(&self, feed: &Feed, requests: &[ReadRequest]) -> FeedAnswer {
        let end = Instant::now() + self.timeouts.whole_read;
        let sent = Arc::default();
        let stopped: Mutex<Option<FeedError>> = Mutex::default();
        let versions = AtomicUsize::default();
        let stopped = || stopped.lock().unwrap_or_else(PoisonError::into_inner);
        let read = async |request: &ReadRequest| {
            if let Some(error) = stopped().clone() {
                return Err(error);
            }
            if Instant::now() >= end {
                return Err(self.too_late(feed, request));
            }
            let reading = timeout_at(end, self.read_package(feed, request, &sent)).await;
            let reading = reading.unwrap_or_else(|_| Err(self.too_late(feed, request)));
            if let Err(error) = &reading
                && (error.kind.concerns_feed() || error.kind == FeedErrorKind::Denied)
            {
                stopped().get_or_insert_with(|| error.clone());
            }
            if let Ok(Reading::Listing { versions: read, .. }) = &reading
                && !admits(&versions, read.len())
            {
                return Err(too_many(feed, request));
            }
            reading
        };
        let readings = stream::iter(requests).map(read).buffered(AT_ONCE);
        FeedAnswer {
            readings: readings.collect().await,
            requests: sent.load(Ordering::Relaxed),
            quota: None,
            allowance: self.allowance(),
        }
    }

    fn too_late(&self, feed: &Feed, request: &ReadRequest) -> FeedError {
        let message = format!(
            "cannot read {} in feed {}: the time limit of {:?} for all packages has passed; it is retried \
             later",
            request.package, feed.name, self.timeouts.whole_read
        );
        feed_error(FeedErrorKind::Incomplete, message)
    }

    /// The latest version of the package that the rule permits, as evaluated by Octopus.
    pub(crate) async fn latest_permitted(
        &self,
        package: &PackageKey,
        rule: &VersionRule,
    ) -> Result<Option<String>, OctopusError> {
        let PackageKey {
            space,
            feed,
            package,
        } = package;
        let what = format!("the latest version of {package} in feed {feed}");
        let mut call = self.versions_call(space, feed, package.as_str(), &what);
        for (parameter, value) in conditions(rule) {
            call = call.with(parameter, value);
        }
        let (_, page) = self.first_page(space, feed, call, 1).await?;
        Ok(page.items.into_iter().next().map(|latest| latest.version))
    }

    /// Every version that the rule permits, as evaluated by Octopus. The strategy is not sent, because it only
    /// affects the order.
    pub(crate) async fn list_permitted(
        &self,
        package: &PackageKey,
        rule: &VersionRule,
    ) -> Result<Vec<String>, OctopusError> {
        let PackageKey {
            space,
            feed,
            package,
        } = package;
        let what = format!("the versions of {package} in feed {feed} that {rule} permits");
        let mut call = self.versions_call(space, feed, package.as_str(), &what);
        for (parameter, value) in conditions(rule) {
            match parameter {
                TAG_REGEX if !self.takes_tag_regex(space, feed).await? => {
                    let message = format!(
                        "cannot read {what}: this Octopus Server does not support {parameter}; simplify the \
                         pattern or update the server"
                    );
                    return Err(error(OctopusErrorKind::Unsupported, message));
                }
                STRATEGY => {}
                _ => call = call.with(parameter, value),
            }
        }
        let listed = self.list_versions(space, feed, call).await;
        let names = |listed: Vec<Listed>| listed.into_iter().map(|one| one.version).collect();
        listed.map(names).map_err(|failed| match failed {
            ListingError::Octopus(error) => error,
            ListingError::Incomplete(message) => error(OctopusErrorKind::Unavailable, message),
        })
    }

    /// Counts the requests in `sent`.
    async fn read_package(
        &self,
        feed: &Feed,
        request: &ReadRequest,
        sent: &Arc<AtomicUsize>,
    ) -> Result<Reading, FeedError> {
        let name = request.package.as_str();
        let what = format!("the versions of {name} in feed {}", feed.name);
        let call = Call {
            sent: Arc::clone(sent),
            ..self.versions_call(&feed.space, &feed.id, name, &what)
        };
        let mut versions = self
            .list_versions(&feed.space, &feed.id, call)
            .await
            .map_err(|failed| match failed {
                ListingError::Octopus(error) => of_feed(feed, error),
                ListingError::Incomplete(message) => feed_error(FeedErrorKind::Incomplete, message),
            })?;
        if versions.is_empty() {
            // Octopus answers the same for missing packages.
            let message = format!(
                "cannot read {what}: the list is empty; the feed has no package `{name}`, or its credential in \
                 Octopus may not read it"
            );
            return Err(feed_error(FeedErrorKind::NotFound, message));
        }
        for listed in &mut versions {
            if let Some(version) = feed.kind.chart_version(&listed.version) {
                listed.version = version;
            }
        }
        Ok(Reading::Listing {
            versions,
            validators: None,
        })
    }

    /// Whether the server supports [`TAG_REGEX`]. Servers without it ignore the parameter silently, so the URL
    /// template of the query decides.
    async fn takes_tag_regex(&self, space: &SpaceId, feed: &FeedId) -> Result<bool, OctopusError> {
        let template = self.versions_template(space, feed).await?;
        Ok(template.is_some_and(|template| template.contains(TAG_REGEX)))
    }

    fn versions_call(&self, space: &SpaceId, feed: &FeedId, package: &str, what: &str) -> Call {
        let call = Call {
            url: self.versions_url(space, feed.as_str()),
            action: format!("read {what}"),
            permission: "FeedView",
            timeout: self.timeouts.versions,
            sent: Arc::default(),
        };
        call.with("packageId", package)
    }

    fn versions_url(&self, space: &SpaceId, feed: &str) -> Url {
        self.address
            .api(&[space.as_str(), "feeds", feed, "packages", "versions"])
    }
}

/// The rule's conditions as query parameters, without empty ones.
fn conditions(rule: &VersionRule) -> Vec<(&'static str, &str)> {
    let by_date = rule.strategy == RuleStrategy::MostRecentlyPublished;
    let all = [
        ("versionRange", rule.range.as_deref()),
        ("preReleaseTag", rule.pre_release_tag.as_deref()),
        (TAG_REGEX, rule.version_tag_regex.as_deref()),
        (STRATEGY, by_date.then_some("MostRecentlyPublished")),
    ];
    let set =
        |(name, value): (_, Option<_>)| Some((name, value.filter(|text: &&str| !text.is_empty())?));
    all.into_iter().filter_map(set).collect()
}

/// Adds a package's versions to `all`, unless there are too many then.
fn admits(all: &AtomicUsize, versions: usize) -> bool {
    let add = |before: usize| Some(before + versions).filter(|all| *all <= MAX_READ);
    let added = all.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    added.is_ok()
}

fn too_many(feed: &Feed, request: &ReadRequest) -> FeedError {
    let message = format!(
        "cannot read {} in feed {}: the packages of one read have more than {MAX_READ} versions together, which is \
         the limit; it is read first in its next check",
        request.package, feed.name
    );
    feed_error(FeedErrorKind::Incomplete, message)
}

fn feed_error(kind: FeedErrorKind, message: String) -> FeedError {
    FeedError {
        message,
        kind,
        source: None,
    }
}

/// Maps an error of Octopus to the feed. Octopus forwards a feed's errors with varying statuses, so every error
/// that is not clearly Octopus's own counts as the feed being unavailable.
fn of_feed(feed: &Feed, error: OctopusError) -> FeedError {
    let kind = match error.kind {
        OctopusErrorKind::Unauthorized | OctopusErrorKind::Forbidden => FeedErrorKind::Denied,
        OctopusErrorKind::NotFound => FeedErrorKind::Misconfigured,
        OctopusErrorKind::Throttled(pause) => FeedErrorKind::Throttled(pause),
        OctopusErrorKind::Malformed => FeedErrorKind::Malformed,
        OctopusErrorKind::Invalid
        | OctopusErrorKind::Unsupported
        | OctopusErrorKind::AlreadyExists
        | OctopusErrorKind::Unavailable
        | OctopusErrorKind::Unknown => FeedErrorKind::Unavailable,
    };
    let message = format!(
        "cannot read feed {} through Octopus: {}",
        feed.name, error.message
    );
    FeedError {
        message,
        kind,
        source: error.source.map(Arc::from),
    }
}
