//! The details that triggers need of packages, one list per kind of detail. Messages identify packages by name,
//! the watch list by all three ids.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::PackageId;
use domain::metadata::{EcrRecord, MetadataOf};
use domain::trigger::PackageDetails;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "P: Deserialize<'de>"))]
pub(crate) struct PackageDetailsData<P> {
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    dates_of: Vec<P>,
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    digests_of: Vec<DigestsData<P>>,
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    platforms: Vec<PlatformData<P>>,
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    metadata_of: Vec<MetadataData<P>>,
}

/// A package by its name, in messages that contain the feed.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct NameData(String);

impl From<&PackageId> for NameData {
    fn from(package: &PackageId) -> Self {
        Self(package.to_string())
    }
}

impl From<NameData> for PackageId {
    fn from(data: NameData) -> Self {
        Self::new(data.0)
    }
}

#[derive(Serialize, Deserialize)]
struct DigestsData<P> {
    package: P,
    tags: BTreeSet<String>,
}

#[derive(Serialize, Deserialize)]
struct PlatformData<P> {
    package: P,
    platform: String,
}

#[derive(Serialize, Deserialize)]
struct MetadataData<P> {
    package: P,
    versions: Vec<ContentData>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ContentData {
    version: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    /// Absent if signatures are not read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    keys: Vec<String>,
    /// Whether only the findings of ECR's scan are read.
    #[serde(default, skip_serializing_if = "is_false")]
    scan: bool,
    /// Present if only the status of ECR's signature by this profile is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signing_profile: Option<String>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_false(value: &bool) -> bool {
    !value
}

impl From<&MetadataOf> for ContentData {
    fn from(content: &MetadataOf) -> Self {
        Self {
            version: content.version.clone(),
            digest: content.digest.clone(),
            keys: content.keys.clone(),
            scan: content.record == Some(EcrRecord::Scan),
            signing_profile: match &content.record {
                Some(EcrRecord::Signing { profile }) => Some(profile.clone()),
                Some(EcrRecord::Scan) | None => None,
            },
        }
    }
}

impl From<ContentData> for MetadataOf {
    fn from(data: ContentData) -> Self {
        Self {
            version: data.version,
            digest: data.digest,
            keys: data.keys,
            record: match data.signing_profile {
                Some(profile) => Some(EcrRecord::Signing { profile }),
                None => data.scan.then_some(EcrRecord::Scan),
            },
        }
    }
}

impl<P> PackageDetailsData<P> {
    pub(crate) fn of<'a, K>(details: &'a BTreeMap<K, PackageDetails>) -> Self
    where
        P: From<&'a K>,
    {
        let of = details.iter();
        let dates_of = of.clone().filter(|(_, details)| details.dates);
        let followed = of
            .clone()
            .filter(|(_, details)| !details.digests_of.is_empty());
        Self {
            dates_of: dates_of.map(|(package, _)| package.into()).collect(),
            digests_of: followed
                .map(|(package, details)| DigestsData {
                    package: package.into(),
                    tags: details.digests_of.clone(),
                })
                .collect(),
            metadata_of: of
                .clone()
                .filter(|(_, details)| !details.metadata_of.is_empty())
                .map(|(package, details)| MetadataData {
                    package: package.into(),
                    versions: details.metadata_of.iter().map(ContentData::from).collect(),
                })
                .collect(),
            platforms: of
                .filter_map(|(package, details)| {
                    let platform = details.platform.clone()?;
                    let package = package.into();
                    Some(PlatformData { package, platform })
                })
                .collect(),
        }
    }

    pub(crate) fn into_details<K: Ord + From<P>>(self) -> BTreeMap<K, PackageDetails> {
        let mut details: BTreeMap<K, PackageDetails> = BTreeMap::new();
        for package in self.dates_of {
            details.entry(package.into()).or_default().dates = true;
        }
        for one in self.digests_of {
            details.entry(one.package.into()).or_default().digests_of = one.tags;
        }
        for one in self.platforms {
            details.entry(one.package.into()).or_default().platform = Some(one.platform);
        }
        for one in self.metadata_of {
            let versions = one.versions.into_iter().map(MetadataOf::from);
            details.entry(one.package.into()).or_default().metadata_of = versions.collect();
        }
        details
    }
}
