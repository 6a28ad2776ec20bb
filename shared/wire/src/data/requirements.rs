//! The requirements of the selected version of a source.

use std::collections::{BTreeMap, BTreeSet};

use domain::options::{Requirements, ScanLimit, SignedBy};
use domain::scan::Severity;
use domain::time::Span;
use serde::{Deserialize, Serialize};

#[derive(Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct RequirementsData {
    #[serde(skip_serializing_if = "Option::is_none")]
    signed: Option<SignedByData>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    platforms: BTreeSet<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    labels: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scan: Option<ScanData>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SignedByData {
    /// Empty with a profile, so that an older version refuses every signature instead of requiring none.
    keys: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    profile: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    within_ms: Option<i64>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ScanData {
    /// ECR's name. Absent: no findings are permitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    allow: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    within_ms: Option<i64>,
}

impl RequirementsData {
    pub(crate) fn is_empty(&self) -> bool {
        self.signed.is_none()
            && self.platforms.is_empty()
            && self.labels.is_empty()
            && self.scan.is_none()
    }
}

impl From<&Requirements> for RequirementsData {
    fn from(require: &Requirements) -> Self {
        Self {
            signed: require.signed.as_ref().map(|signed| SignedByData {
                keys: signed.keys.clone(),
                profile: signed.profile.clone(),
                within_ms: signed.within.map(Span::as_millis),
            }),
            platforms: require.platforms.clone(),
            labels: require.labels.clone(),
            scan: require.scan.as_ref().map(|scan| ScanData {
                allow: scan.allow.map(|worst| worst.name().to_owned()),
                within_ms: scan.within.map(Span::as_millis),
            }),
        }
    }
}

impl From<RequirementsData> for Requirements {
    fn from(data: RequirementsData) -> Self {
        Self {
            signed: data.signed.map(|signed| SignedBy {
                keys: signed.keys,
                profile: signed.profile,
                within: signed.within_ms.map(Span::from_millis),
            }),
            platforms: data.platforms,
            labels: data.labels,
            // A severity that this version does not know permits nothing.
            scan: data.scan.map(|scan| ScanLimit {
                allow: scan.allow.as_deref().and_then(Severity::parse),
                within: scan.within_ms.map(Span::from_millis),
            }),
        }
    }
}
