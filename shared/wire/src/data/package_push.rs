//! The data of `PackagePushed`, which other programs write.

use domain::push::{Match, PackageKind, PackagePush, Push};
use serde::Deserialize;

/// The longest text of a field, in bytes.
const LONGEST: usize = 512;

/// The largest number of named feeds.
const MOST_FEEDS: usize = 100;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PackagePushData {
    receiver: Option<String>,
    sender: Option<String>,
    delivery: Option<String>,
    feeds: Option<Vec<String>>,
    registry: Option<String>,
    repository: Option<String>,
    r#match: Option<MatchData>,
    kind: Option<KindData>,
    tag: Option<String>,
    digest: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum MatchData {
    Exact,
    Suffix,
    Package,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum KindData {
    Image,
    Chart,
    Oci,
    Helm,
    Nuget,
    Npm,
    Maven,
}

impl PackagePushData {
    /// The push. A missing receiver is `iam`, a missing delivery is `event_id`.
    ///
    /// # Errors
    /// The name of a field that is too long or contains control characters.
    pub(crate) fn into_push(self, event_id: &str) -> Result<PackagePush, &'static str> {
        let feeds = self.feeds.as_deref().unwrap_or_default();
        if feeds.len() > MOST_FEEDS || !feeds.iter().all(|feed| is_usable(feed)) {
            return Err("data.feeds");
        }
        for (field, text) in [
            ("data.receiver", &self.receiver),
            ("data.sender", &self.sender),
            ("data.delivery", &self.delivery),
            ("data.registry", &self.registry),
            ("data.repository", &self.repository),
            ("data.tag", &self.tag),
            ("data.digest", &self.digest),
        ] {
            if !text.as_deref().is_none_or(is_usable) {
                return Err(field);
            }
        }
        let kind = self.kind.map(PackageKind::from);
        let by_kind = kind.map_or(Match::Exact, PackageKind::matching);
        Ok(PackagePush {
            receiver: self.receiver.unwrap_or_else(|| "iam".to_owned()),
            sender: self.sender.unwrap_or_else(|| "iam".to_owned()),
            delivery: self.delivery.unwrap_or_else(|| event_id.to_owned()),
            feeds: self.feeds,
            push: Push {
                registry: self.registry,
                repository: self.repository,
                matching: self.r#match.map_or(by_kind, Match::from),
                kind,
                tag: self.tag.filter(|tag| !tag.is_empty()),
                digest: self.digest,
            },
        })
    }
}

fn is_usable(text: &str) -> bool {
    text.len() <= LONGEST && !text.chars().any(char::is_control)
}

impl From<MatchData> for Match {
    fn from(data: MatchData) -> Self {
        match data {
            MatchData::Exact => Self::Exact,
            MatchData::Suffix => Self::Suffix,
            MatchData::Package => Self::Package,
        }
    }
}

impl From<KindData> for PackageKind {
    fn from(data: KindData) -> Self {
        match data {
            KindData::Image => Self::Image,
            KindData::Chart => Self::Chart,
            KindData::Oci => Self::Oci,
            KindData::Helm => Self::Helm,
            KindData::Nuget => Self::Nuget,
            KindData::Npm => Self::Npm,
            KindData::Maven => Self::Maven,
        }
    }
}
