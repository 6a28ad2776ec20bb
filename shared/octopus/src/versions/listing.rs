//! Reads the complete list of a package's versions and verifies that it is complete.
//!
//! For some feeds Octopus reports the size of the page as the total, and no next page
//! (OctopusDeploy/Issues#10216). After a full page the next one is therefore always requested.

use std::collections::HashSet;

use domain::ids::{FeedId, SpaceId};
use domain::snapshot::Listed;
use domain::time::Timestamp;
use engine::ports::{OctopusError, OctopusErrorKind};
use serde::Deserialize;

use crate::advisory::advisory;
use crate::call::Call;
use crate::client::OctopusClient;
use crate::feeds::BUILT_IN;
use crate::keys::ApiKeys;
use crate::paging::Page;

/// Versions requested per page. Octopus may query the feed again for each page, so pages are large: most
/// packages fit into one. An entry has about 250 bytes; the answer limit allows ten times that.
const TAKE: usize = 5_000;
/// Packages with more versions are an error.
const MAX_VERSIONS: usize = 100_000;
/// Allows for servers that return smaller pages than requested.
const MAX_PAGES: usize = 100;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct VersionResource {
    pub(super) version: String,
    #[serde(default, deserialize_with = "advisory")]
    published: Option<String>,
}

impl<K: ApiKeys> OctopusClient<K> {
    /// Reads the listing. Inconsistent pages are an error.
    pub(super) async fn list_versions(
        &self,
        space: &SpaceId,
        feed: &FeedId,
        call: Call,
    ) -> Result<Vec<Listed>, ListingError> {
        let (call, mut page) = self.first_page(space, feed, call, TAKE).await?;
        let incomplete = |cause, read| {
            let action = &call.action;
            Err(ListingError::Incomplete(format!(
                "cannot {action} completely: {cause} (after {read} versions); it is retried later"
            )))
        };
        let mut listing = ListingBuilder::default();
        for _ in 0..MAX_PAGES {
            let (linked, is_full) = (page.next_skip(listing.count), page.is_full(TAKE));
            if let Err(cause) = listing.add(page) {
                return incomplete(cause, listing.count);
            }
            let read = listing.count;
            match linked.or(is_full.then_some(read)) {
                None => return listing.end().or_else(|cause| incomplete(cause, read)),
                Some(skip) if skip != read => {
                    return incomplete("the link to the next page skips versions", read);
                }
                Some(_) if read >= MAX_VERSIONS => break,
                Some(skip) => {
                    let answer = self.get(&call.page(skip, TAKE)).await;
                    page = answer.map_err(|error| interrupted(error, read))?;
                }
            }
        }
        incomplete("it has too many versions", listing.count)
    }

    /// The first page and the call that returned it. If the server does not know the built-in feed by the id
    /// that processes use, the feed's own id is used.
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

/// A listing of one page, if it is complete.
pub(crate) fn whole_listing(page: Page<VersionResource>) -> Option<Vec<Listed>> {
    let mut listing = ListingBuilder::default();
    listing.add(page).ok()?;
    listing.end().ok()
}

/// Collects the pages of a listing and verifies their consistency.
#[derive(Default)]
struct ListingBuilder {
    versions: Vec<Listed>,
    seen: HashSet<String>,
    /// Items received, including duplicates.
    count: usize,
    /// The largest total of any page; 0 without totals.
    total: usize,
}

impl ListingBuilder {
    fn add(&mut self, page: Page<VersionResource>) -> Result<(), &'static str> {
        let total = page.total_results.unwrap_or(0);
        if page.total_results.is_some() && page.items.len() > total {
            return Err("a page has more versions than the total");
        }
        self.total = self.total.max(total);
        self.count += page.items.len();
        // Duplicates on one page come from the feed; duplicates across pages show that the list changed.
        let mut on_this_page = HashSet::new();
        for item in page.items {
            if on_this_page.insert(item.version.clone()) {
                if !self.seen.insert(item.version.clone()) {
                    return Err("a version is on two pages");
                }
                self.versions.push(Listed::from(item));
            }
        }
        Ok(())
    }

    fn end(self) -> Result<Vec<Listed>, &'static str> {
        if self.count < self.total {
            return Err("it has fewer versions than its total");
        }
        Ok(self.versions)
    }
}

/// The error of a later page, with the number of versions read before.
fn interrupted(error: OctopusError, read: usize) -> OctopusError {
    OctopusError {
        message: format!("{}; {read} versions were read", error.message),
        ..error
    }
}

pub(super) enum ListingError {
    /// Octopus returned no usable answer.
    Octopus(OctopusError),
    /// The pages are inconsistent; contains the message.
    Incomplete(String),
}

impl From<OctopusError> for ListingError {
    fn from(error: OctopusError) -> Self {
        Self::Octopus(error)
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
