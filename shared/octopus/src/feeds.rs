//! Feeds: `/api/{space}/feeds`. Octopus never returns a secret, only whether one is set.

mod known;

use domain::feed::Feed;
use domain::ids::{FeedId, SpaceId};
use engine::ports::{OctopusError, OctopusErrorKind};
use serde::Deserialize;
use serde_json::Value;

pub(crate) use known::{BUILT_IN, all_known};

use crate::advisory::{advisory, advisory_object};
use crate::call::Call;
use crate::client::OctopusClient;
use crate::error::malformed;
use crate::keys::ApiKeys;
use crate::paging::Page;
use known::NamedFeed;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DescribedFeed {
    #[serde(default, deserialize_with = "advisory")]
    links: FeedLinks,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct FeedLinks {
    #[serde(
        rename = "SearchPackageVersionsTemplate",
        deserialize_with = "advisory"
    )]
    versions: Option<String>,
}
advisory_object!(FeedLinks);

impl<K: ApiKeys> OctopusClient<K> {
    pub(crate) async fn list_feeds(&self, space: &SpaceId) -> Result<Vec<Feed>, OctopusError> {
        let call = self.feeds_call(space);
        let feeds: Vec<Value> = self.list(&call).await?;
        all_known(space, &feeds)
            .map_err(|source| malformed(&self.address, &call, "not a list of feeds", source))
    }

    /// The built-in feed's own id.
    pub(crate) async fn built_in_feed(
        &self,
        space: &SpaceId,
    ) -> Result<Option<String>, OctopusError> {
        let call = self
            .feeds_call(space)
            .with("feedType", "BuiltIn")
            .page(0, 1);
        let page: Page<NamedFeed> = self.get(&call).await?;
        // Servers without the parameter answer with any feed.
        Ok(page
            .items
            .into_iter()
            .find(|feed| feed.feed_type == "BuiltIn")
            .map(|feed| feed.id))
    }

    /// The URL template of a feed's version query, which contains the supported parameters.
    pub(crate) async fn versions_template(
        &self,
        space: &SpaceId,
        feed: &FeedId,
    ) -> Result<Option<String>, OctopusError> {
        let of = |id: &str| {
            let what = format!("feed {feed}");
            self.reading(&[space.as_str(), "feeds", id], what, "FeedView")
        };
        let described: DescribedFeed = match self.get(&of(feed.as_str())).await {
            Err(error) if error.kind == OctopusErrorKind::NotFound && feed.as_str() == BUILT_IN => {
                let own = self.built_in_feed(space).await?.ok_or(error)?;
                self.get(&of(&own)).await?
            }
            described => described?,
        };
        Ok(described.links.versions)
    }

    fn feeds_call(&self, space: &SpaceId) -> Call {
        self.reading(
            &[space.as_str(), "feeds"],
            format!("the feeds of {space}"),
            "FeedView",
        )
    }
}
