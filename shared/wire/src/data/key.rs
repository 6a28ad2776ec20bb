//! The key of a package: its three ids.

use domain::ids::{FeedId, PackageId, PackageKey, SpaceId};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PackageData {
    space_id: String,
    feed_id: String,
    package_id: String,
}

impl From<&PackageKey> for PackageData {
    fn from(key: &PackageKey) -> Self {
        Self {
            space_id: key.space.to_string(),
            feed_id: key.feed.to_string(),
            package_id: key.package.to_string(),
        }
    }
}

impl From<PackageData> for PackageKey {
    fn from(data: PackageData) -> Self {
        Self {
            space: SpaceId::new(data.space_id),
            feed: FeedId::new(data.feed_id),
            package: PackageId::new(data.package_id),
        }
    }
}
