//! The data of `PackagePushed`, which the hook receiver and other programs write.

use domain::push::{Match, PackageKind, PackagePush, Push};
use serde::{Deserialize, Serialize};

/// The longest text of a field, in bytes.
const LONGEST: usize = 512;

/// The largest number of named feeds.
const MOST_FEEDS: usize = 100;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PackagePushData {
    #[serde(skip_serializing_if = "Option::is_none")]
    receiver: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sender: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    feeds: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    registry: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repository: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#match: Option<MatchData>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<KindData>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
}

#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum MatchData {
    Exact,
    Suffix,
    Package,
}

#[derive(Clone, Copy, Deserialize, Serialize)]
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

impl From<&PackagePush> for PackagePushData {
    fn from(from: &PackagePush) -> Self {
        let push = &from.push;
        Self {
            receiver: Some(from.receiver.clone()),
            sender: Some(from.sender.clone()),
            delivery: Some(from.delivery.clone()),
            feeds: from.feeds.clone(),
            registry: push.registry.clone(),
            repository: push.repository.clone(),
            r#match: Some(push.matching.into()),
            kind: push.kind.map(KindData::from),
            tag: push.tag.clone(),
            digest: push.digest.clone(),
        }
    }
}

impl From<Match> for MatchData {
    fn from(matching: Match) -> Self {
        match matching {
            Match::Exact => Self::Exact,
            Match::Suffix => Self::Suffix,
            Match::Package => Self::Package,
        }
    }
}

impl From<PackageKind> for KindData {
    fn from(kind: PackageKind) -> Self {
        match kind {
            PackageKind::Image => Self::Image,
            PackageKind::Chart => Self::Chart,
            PackageKind::Oci => Self::Oci,
            PackageKind::Helm => Self::Helm,
            PackageKind::Nuget => Self::Nuget,
            PackageKind::Npm => Self::Npm,
            PackageKind::Maven => Self::Maven,
        }
    }
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
