//! The watch list: a small head, and a body that may be compressed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::ids::{SpaceId, TriggerId};
use domain::time::Timestamp;
use domain::trigger::WatchList;
use engine::ports::RefreshProgress;
use serde::{Deserialize, Serialize};

use super::{inflate, read, write, write_compressed};
use crate::WireError;
use crate::data::{FeedData, PackageData, PackageDetailsData, TriggerData};
use crate::time::Time;

const HEAD: &str = "the watch list's head";
const BODY: &str = "the watch list's body";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchListHead {
    /// The time at which the list was read from Octopus.
    pub read_at: Timestamp,
    /// The name of the body.
    pub body: String,
    /// The revision of the trigger file that the list is based on.
    pub file: Option<u64>,
    /// Whether the trigger file was replaced since.
    pub is_outdated: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct HeadData {
    read_at: Time,
    body: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    file_revision: Option<u64>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_outdated: bool,
}

#[derive(Serialize, Deserialize)]
struct ListData {
    triggers: Vec<TriggerData>,
    feeds: Vec<FeedData>,
    #[serde(flatten)]
    details: PackageDetailsData<PackageData>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    progress: Option<ProgressData>,
    /// The ids of the triggers that are new or changed, by space.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    changed: BTreeMap<String, Vec<String>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProgressData {
    started_at: Time,
    /// The ids of the triggers that were read, by space.
    read: BTreeMap<String, Vec<String>>,
}

/// Encodes the head.
///
/// # Errors
/// [`WireError::Unwritable`] for a time that RFC 3339 cannot express.
pub fn encode_head(head: &WatchListHead) -> Result<Vec<u8>, WireError> {
    write(
        HEAD,
        HeadData {
            read_at: Time(head.read_at),
            body: head.body.clone(),
            file_revision: head.file,
            is_outdated: head.is_outdated,
        },
    )
}

/// Decodes the head.
///
/// # Errors
/// [`WireError::NotJson`], [`WireError::Version`], [`WireError::Field`].
pub fn decode_head(bytes: &[u8]) -> Result<WatchListHead, WireError> {
    let data: HeadData = read(HEAD, bytes)?;
    Ok(WatchListHead {
        read_at: data.read_at.0,
        body: data.body,
        file: data.file_revision,
        is_outdated: data.is_outdated,
    })
}

/// The list, and the progress of its refresh if that ended early.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WatchListBody {
    pub list: Arc<WatchList>,
    /// The triggers that are new or changed in it.
    pub changed: BTreeSet<(SpaceId, TriggerId)>,
    pub progress: Option<RefreshProgress>,
}

/// Encodes the body. Equal bodies give equal bytes.
///
/// # Errors
/// [`WireError::Unwritable`] for a time that RFC 3339 cannot express.
pub fn encode(body: &WatchListBody) -> Result<Vec<u8>, WireError> {
    let WatchListBody {
        list,
        changed,
        progress,
    } = body;
    let data = ListData {
        triggers: list.triggers.iter().map(TriggerData::from).collect(),
        feeds: list.feeds.iter().map(FeedData::from).collect(),
        details: PackageDetailsData::of(&list.details),
        progress: progress.as_ref().map(ProgressData::from),
        changed: by_space(changed),
    };
    write_compressed(BODY, data)
}

/// Decodes the body.
///
/// # Errors
/// Those of every row, and [`WireError::Compression`].
pub fn decode(bytes: &[u8]) -> Result<WatchListBody, WireError> {
    let data: ListData = read(BODY, &inflate(BODY, bytes)?)?;
    let list = WatchList {
        triggers: data.triggers.into_iter().map(Into::into).collect(),
        feeds: data.feeds.into_iter().map(Into::into).collect(),
        details: data.details.into_details(),
    };
    Ok(WatchListBody {
        list: Arc::new(list),
        changed: keys(data.changed),
        progress: data.progress.map(RefreshProgress::from),
    })
}

fn by_space(triggers: &BTreeSet<(SpaceId, TriggerId)>) -> BTreeMap<String, Vec<String>> {
    let mut by_space: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (space, trigger) in triggers {
        let ids = by_space.entry(space.to_string()).or_default();
        ids.push(trigger.to_string());
    }
    by_space
}

fn keys(by_space: BTreeMap<String, Vec<String>>) -> BTreeSet<(SpaceId, TriggerId)> {
    let keys = by_space.into_iter().flat_map(|(space, ids)| {
        let space = SpaceId::new(space);
        ids.into_iter()
            .map(move |id| (space.clone(), TriggerId::new(id)))
    });
    keys.collect()
}

impl From<&RefreshProgress> for ProgressData {
    fn from(progress: &RefreshProgress) -> Self {
        Self {
            started_at: Time(progress.started),
            read: by_space(&progress.done),
        }
    }
}

impl From<ProgressData> for RefreshProgress {
    fn from(data: ProgressData) -> Self {
        Self {
            started: data.started_at.0,
            done: keys(data.read),
        }
    }
}
