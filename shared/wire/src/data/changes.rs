//! The data of `PackageVersionsChanged`.

use domain::snapshot::Changes;
use engine::messages::{Announcement, ChangeCounts};
use serde::{Deserialize, Serialize};

use super::truncation::clip_list;
use super::{PackageData, Truncation};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AnnouncementData {
    package: PackageData,
    feed_name: String,
    generation: u64,
    first_sight: bool,
    added: Vec<String>,
    removed: Vec<String>,
    digest_changed: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    metadata_read: Vec<String>,
    /// The total numbers; the lists above may be truncated.
    counts: CountsData,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CountsData {
    added: usize,
    removed: usize,
    digest_changed: usize,
}

impl AnnouncementData {
    pub(crate) fn new(announcement: &Announcement, truncation: Truncation) -> Self {
        let Announcement {
            package,
            feed_name,
            generation,
            changes,
            counts,
        } = announcement;
        Self {
            package: package.into(),
            feed_name: feed_name.clone(),
            generation: *generation,
            first_sight: changes.first_sight,
            added: clip_list(&changes.added, truncation.versions),
            removed: clip_list(&changes.removed, truncation.versions),
            digest_changed: clip_list(&changes.digest_changed, truncation.versions),
            metadata_read: clip_list(&changes.metadata_read, truncation.versions),
            counts: CountsData {
                added: counts.added,
                removed: counts.removed,
                digest_changed: counts.digest_changed,
            },
        }
    }
}

impl From<AnnouncementData> for Announcement {
    fn from(data: AnnouncementData) -> Self {
        Self {
            package: data.package.into(),
            feed_name: data.feed_name,
            generation: data.generation,
            changes: Changes {
                first_sight: data.first_sight,
                added: data.added,
                removed: data.removed,
                digest_changed: data.digest_changed,
                metadata_read: data.metadata_read,
            },
            counts: ChangeCounts {
                added: data.counts.added,
                removed: data.counts.removed,
                digest_changed: data.counts.digest_changed,
            },
        }
    }
}
