//! One query for versions, read to its end and checked for being whole.

use std::collections::HashSet;

use domain::ids::{FeedId, SpaceId};
use domain::snapshot::Listed;
use domain::time::Timestamp;
use engine::ports::{OctopusError, OctopusErrorKind};
use serde::Deserialize;

use crate::client::{Call, OctopusClient};
use crate::feeds::BUILT_IN;
use crate::keys::ApiKeys;
use crate::paging::Page;
use crate::tolerant::or_default;

/// Versions asked for at a time. Octopus may ask the feed anew for each page, so pages are large: nearly
/// every package comes in one, one with ten thousand versions in two. An entry has some 250 bytes, and an
/// answer may be long enough for ten times that.
const TAKE: usize = 5_000;
/// A package with more versions is not listed to its end.
const MAX_VERSIONS: usize = 100_000;
/// For servers that give smaller pages than they are asked for.
const MAX_PAGES: usize = 100;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct VersionResource {
    pub(super) version: String,
    #[serde(default, deserialize_with = "or_default")]
    published: Option<String>,
}

impl<K: ApiKeys> OctopusClient<K> {
    /// A listing to its end. One that does not add up is none.
    pub(super) async fn list_versions(
        &self,
        space: &SpaceId,
        feed: &FeedId,
        call: Call,
    ) -> Result<Vec<Listed>, Broken> {
        let (call, mut page) = self.first_page(space, feed, call, TAKE).await?;
        let incomplete = |why, came| {
            let doing = &call.doing;
            Err(Broken::Incomplete(format!(
                "{doing} was given up after {came} of them: {why}; it is read again later"
            )))
        };
        let mut listing = Collected::default();
        for _ in 0..MAX_PAGES {
            let next = page.next_skip(listing.count);
            if let Err(why) = listing.add(page) {
                return incomplete(why, listing.count);
            }
            let came = listing.count;
            match next {
                None => return listing.end().or_else(|why| incomplete(why, came)),
                Some(skip) if skip != came => {
                    return incomplete("the next page is not the one that follows", came);
                }
                Some(_) if came >= MAX_VERSIONS => break,
                Some(skip) => {
                    let answer = self.get(&call.page(skip, TAKE)).await;
                    page = answer.map_err(|error| broken_off(error, came))?;
                }
            }
        }
        incomplete("it has more versions than are read", listing.count)
    }

    /// The first page, with the call that gave it. The built-in feed is asked under its own id where it
    /// is not known by the id that processes use.
    pub(super) async fn first_page(
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
}

/// A listing of one page, if it is whole.
pub(crate) fn whole_listing(page: Page<VersionResource>) -> Option<Vec<Listed>> {
    let mut listing = Collected::default();
    listing.add(page).ok()?;
    listing.end().ok()
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

    fn end(self) -> Result<Vec<Listed>, &'static str> {
        if self.total.is_some_and(|total| total != self.count) {
            return Err("there are fewer versions than it says");
        }
        Ok(self.versions)
    }
}

/// The error of a page, with how far the listing had come.
fn broken_off(error: OctopusError, came: usize) -> OctopusError {
    OctopusError {
        message: format!("{}; {came} of them had come", error.message),
        ..error
    }
}

/// Why there is no listing.
pub(super) enum Broken {
    /// Octopus gave no answer, or none that can be used.
    Refused(OctopusError),
    /// Its pages do not add up; how.
    Incomplete(String),
}

impl From<OctopusError> for Broken {
    fn from(error: OctopusError) -> Self {
        Self::Refused(error)
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
