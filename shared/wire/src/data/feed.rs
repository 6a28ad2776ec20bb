//! A feed, as messages and the watch list contain it.

use domain::feed::{Feed, FeedKind};
use domain::ids::{FeedId, SpaceId};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FeedData {
    id: String,
    space_id: String,
    name: String,
    /// Octopus's `FeedType`.
    feed_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    registry_path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    has_credentials: bool,
}

impl From<&Feed> for FeedData {
    fn from(feed: &Feed) -> Self {
        Self {
            id: feed.id.to_string(),
            space_id: feed.space.to_string(),
            name: feed.name.clone(),
            feed_type: feed.kind.feed_type().to_owned(),
            uri: feed.uri.clone(),
            registry_path: feed.registry_path.clone(),
            region: feed.region.clone(),
            account: feed.account.clone(),
            has_credentials: feed.has_credentials,
        }
    }
}

impl From<FeedData> for Feed {
    fn from(data: FeedData) -> Self {
        Self {
            id: FeedId::new(data.id),
            space: SpaceId::new(data.space_id),
            name: data.name,
            kind: FeedKind::from_feed_type(&data.feed_type),
            uri: data.uri,
            registry_path: data.registry_path,
            region: data.region,
            account: data.account,
            has_credentials: data.has_credentials,
        }
    }
}
