//! A package's versions through Octopus, which holds the feeds' credentials and knows every kind of feed:
//! `/api/{space}/feeds/{id}/packages/versions`.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use domain::feed::Feed;
use domain::ids::{FeedId, SpaceId};
use domain::process::TemplatePackage;
use domain::rule::{RuleStrategy, VersionRule};
use domain::snapshot::Listed;
use domain::time::Timestamp;
use engine::ports::{
    FeedError, FeedErrorKind, OctopusError, OctopusErrorKind, ReadRequest, Reading,
};
use futures_util::{StreamExt, stream};
use serde::Deserialize;
use url::Url;

use crate::client::{Call, OctopusClient};
use crate::feeds::BUILT_IN;
use crate::keys::ApiKeys;
use crate::paging::Page;
use crate::tolerant::or_default;

/// Versions asked for at a time. Octopus may ask the feed anew for each page, so pages are large.
const TAKE: usize = 1_000;
/// A package with more than a hundred thousand versions is not listed to its end.
const MAX_PAGES: usize = 100;
/// Packages read at once: Octopus waits for the feed most of the time, but others use it too.
const AT_ONCE: usize = 4;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VersionResource {
    version: String,
    #[serde(default, deserialize_with = "or_default")]
    published: Option<String>,
}

impl<K: ApiKeys> OctopusClient<K> {
    /// Reads the packages. After an error that concerns the whole feed the rest is not asked any more.
    pub(crate) async fn read_packages(
        &self,
        feed: &Feed,
        requests: &[ReadRequest],
    ) -> Vec<Result<Reading, FeedError>> {
        let stopped: Mutex<Option<FeedError>> = Mutex::default();
        let stopped = || stopped.lock().unwrap_or_else(PoisonError::into_inner);
        let read = async |request: &ReadRequest| {
            if let Some(error) = stopped().clone() {
                return Err(error);
            }
            let reading = self.read_package(feed, request).await;
            if let Err(error) = &reading
                && (error.kind.concerns_feed() || error.kind == FeedErrorKind::Denied)
            {
                stopped().get_or_insert_with(|| error.clone());
            }
            reading
        };
        stream::iter(requests)
            .map(read)
            .buffered(AT_ONCE)
            .collect()
            .await
    }

    /// The latest version of the package that the rule permits, by Octopus's own judgement.
    pub(crate) async fn latest_permitted(
        &self,
        space: &SpaceId,
        package: &TemplatePackage,
        rule: &VersionRule,
    ) -> Result<Option<String>, OctopusError> {
        let name = package.package.as_str();
        let what = format!("the latest version of {name} in feed {}", package.feed);
        let mut call = self.versions_call(space, &package.feed, name, &what);
        for (parameter, value) in conditions(rule) {
            call = call.with(parameter, value);
        }
        let (_, page) = self.first_page(space, &package.feed, call, 1).await?;
        Ok(page.items.into_iter().next().map(|latest| latest.version))
    }

    async fn read_package(&self, feed: &Feed, request: &ReadRequest) -> Result<Reading, FeedError> {
        let name = request.package.as_str();
        let what = format!("the versions of {name} in feed {}", feed.name);
        let call = self.versions_call(&feed.space, &feed.id, name, &what);
        let first = self.first_page(&feed.space, &feed.id, call, TAKE).await;
        let (call, mut page) = first.map_err(|error| of_feed(feed, error))?;
        let mut listing = Collected::default();
        for _ in 0..MAX_PAGES {
            let next = page.next_skip(listing.count);
            listing.add(page).map_err(|why| incomplete(&call, why))?;
            let Some(skip) = next else {
                return listing.end(&call, name).map(|versions| Reading::Listing {
                    versions,
                    validators: None,
                });
            };
            if skip != listing.count {
                return Err(incomplete(
                    &call,
                    "the next page is not the one that follows",
                ));
            }
            page = self
                .get(&call.page(skip, TAKE))
                .await
                .map_err(|error| of_feed(feed, error))?;
        }
        Err(incomplete(&call, "it has more versions than are read"))
    }

    /// The first page, with the call that gave it. The built-in feed is asked under its own id where it
    /// is not known by the id that processes use.
    async fn first_page(
        &self,
        space: &SpaceId,
        feed: &FeedId,
        call: Call,
        take: usize,
    ) -> Result<(Call, Page<VersionResource>), OctopusError> {
        match self.get(&call.page(0, take)).await {
            Err(error) if error.kind == OctopusErrorKind::NotFound && feed.as_str() == BUILT_IN => {
                let own = self
                    .built_in_feed(space)
                    .await?
                    .filter(|own| own != BUILT_IN);
                let mut url = self.versions_url(space, &own.ok_or(error)?);
                url.set_query(call.url.query());
                let call = Call { url, ..call };
                let page = self.get(&call.page(0, take)).await?;
                Ok((call, page))
            }
            page => Ok((call, page?)),
        }
    }

    fn versions_call(&self, space: &SpaceId, feed: &FeedId, package: &str, what: &str) -> Call {
        let call = Call {
            url: self.versions_url(space, feed.as_str()),
            doing: format!("reading {what}"),
            permission: "FeedView",
            timeout: self.timeouts.versions,
        };
        call.with("packageId", package)
    }

    fn versions_url(&self, space: &SpaceId, feed: &str) -> Url {
        self.address
            .api(&[space.as_str(), "feeds", feed, "packages", "versions"])
    }
}

/// The rule as parameters of the query, without those that say nothing.
fn conditions(rule: &VersionRule) -> Vec<(&'static str, &str)> {
    let by_date = rule.strategy == RuleStrategy::MostRecentlyPublished;
    let all = [
        ("versionRange", rule.range.as_deref()),
        ("preReleaseTag", rule.pre_release_tag.as_deref()),
        ("versionTagRegex", rule.version_tag_regex.as_deref()),
        (
            "versioningStrategy",
            by_date.then_some("MostRecentlyPublished"),
        ),
    ];
    let says =
        |(name, value): (_, Option<_>)| Some((name, value.filter(|text: &&str| !text.is_empty())?));
    all.into_iter().filter_map(says).collect()
}

/// A listing that is being put together, and is checked for being whole.
#[derive(Default)]
struct Collected {
    versions: Vec<Listed>,
    seen: HashSet<String>,
    /// Items received, with repeats.
    count: usize,
    total: Option<usize>,
}

impl Collected {
    fn add(&mut self, page: Page<VersionResource>) -> Result<(), &'static str> {
        if self.count > 0 && page.total_results != self.total {
            return Err("its number of versions changed from one page to the next");
        }
        self.total = page.total_results;
        self.count += page.items.len();
        // Repeats on one page are the feed's; across pages they show that the list shifted.
        let mut on_this_page = HashSet::new();
        for item in page.items {
            if on_this_page.insert(item.version.clone()) {
                if !self.seen.insert(item.version.clone()) {
                    return Err("a version stands on two pages");
                }
                self.versions.push(Listed::from(item));
            }
        }
        Ok(())
    }

    fn end(self, call: &Call, package: &str) -> Result<Vec<Listed>, FeedError> {
        if self.total.is_some_and(|total| total != self.count) {
            return Err(incomplete(call, "there are fewer versions than it says"));
        }
        if self.versions.is_empty() {
            // Octopus answers so for packages that are not there too.
            let message = format!(
                "{} gave none: the feed has no package `{package}`, or its credential in Octopus may not \
                 read it",
                call.doing
            );
            return Err(FeedError {
                message,
                kind: FeedErrorKind::NotFound,
                source: None,
            });
        }
        Ok(self.versions)
    }
}

impl From<VersionResource> for Listed {
    fn from(item: VersionResource) -> Self {
        let published = item
            .published
            .and_then(|text| text.parse::<jiff::Timestamp>().ok());
        Self {
            version: item.version,
            digest: None,
            published: published.map(|time| Timestamp::from_millis(time.as_millisecond())),
        }
    }
}

fn incomplete(call: &Call, why: &str) -> FeedError {
    let message = format!("{} was given up: {why}; it is read again later", call.doing);
    FeedError {
        message,
        kind: FeedErrorKind::Incomplete,
        source: None,
    }
}

/// What an error of Octopus means for the feed. Octopus passes a feed's own errors on with different
/// statuses, so whatever is not plainly Octopus's own counts as the feed being unavailable.
fn of_feed(feed: &Feed, error: OctopusError) -> FeedError {
    let kind = match error.kind {
        OctopusErrorKind::Unauthorized | OctopusErrorKind::Forbidden => FeedErrorKind::Denied,
        OctopusErrorKind::NotFound => FeedErrorKind::Misconfigured,
        OctopusErrorKind::Throttled(pause) => FeedErrorKind::Throttled(pause),
        OctopusErrorKind::Malformed => FeedErrorKind::Malformed,
        OctopusErrorKind::Invalid
        | OctopusErrorKind::AlreadyExists
        | OctopusErrorKind::Unavailable
        | OctopusErrorKind::Unknown => FeedErrorKind::Unavailable,
    };
    let message = format!(
        "feed {} could not be read through Octopus: {}",
        feed.name, error.message
    );
    FeedError {
        message,
        kind,
        source: error.source.map(Arc::from),
    }
}
