//! The requirements of the selected version of a source.

use std::collections::{BTreeMap, BTreeSet};

use domain::options::{Requirements, SignedBy};
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
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SignedByData {
    keys: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    within_ms: Option<i64>,
}

impl RequirementsData {
    pub(crate) fn is_empty(&self) -> bool {
        self.signed.is_none() && self.platforms.is_empty() && self.labels.is_empty()
    }
}

impl From<&Requirements> for RequirementsData {
    fn from(require: &Requirements) -> Self {
        Self {
            signed: require.signed.as_ref().map(|signed| SignedByData {
                keys: signed.keys.clone(),
                within_ms: signed.within.map(Span::as_millis),
            }),
            platforms: require.platforms.clone(),
            labels: require.labels.clone(),
        }
    }
}

impl From<RequirementsData> for Requirements {
    fn from(data: RequirementsData) -> Self {
        Self {
            signed: data.signed.map(|signed| SignedBy {
                keys: signed.keys,
                within: signed.within_ms.map(Span::from_millis),
            }),
            platforms: data.platforms,
            labels: data.labels,
        }
    }
}
