//! The watch list: a small head with the time, and the compressed list.

use domain::time::Timestamp;
use domain::trigger::WatchList;
use serde::{Deserialize, Serialize};

use super::{inflate, read, write, write_compressed};
use crate::WireError;
use crate::data::{FeedData, PackageData, PackageDetailsData, TriggerData};
use crate::time::Time;

const HEAD: &str = "the watch list's head";
const BODY: &str = "the watch list's body";

/// The head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchListHead {
    /// When the list was read from Octopus.
    pub read_at: Timestamp,
    /// The name of the body.
    pub body: String,
    /// The revision of the file of triggers that the list was made with.
    pub file: Option<u64>,
    /// The file was replaced since.
    pub is_outdated: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct HeadData {
    read_at: Time,
    body: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    file: Option<u64>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_outdated: bool,
}

#[derive(Serialize, Deserialize)]
struct ListData {
    triggers: Vec<TriggerData>,
    feeds: Vec<FeedData>,
    #[serde(flatten)]
    details: PackageDetailsData<PackageData>,
}

/// Writes the head.
///
/// # Errors
/// [`WireError::Unwritable`] for a time without a written form.
pub fn encode_head(head: &WatchListHead) -> Result<Vec<u8>, WireError> {
    write(
        HEAD,
        HeadData {
            read_at: Time(head.read_at),
            body: head.body.clone(),
            file: head.file,
            is_outdated: head.is_outdated,
        },
    )
}

/// Reads the head.
///
/// # Errors
/// As for every row: not JSON, a newer version, a wrong field.
pub fn decode_head(bytes: &[u8]) -> Result<WatchListHead, WireError> {
    let data: HeadData = read(HEAD, bytes)?;
    Ok(WatchListHead {
        read_at: data.read_at.0,
        body: data.body,
        file: data.file,
        is_outdated: data.is_outdated,
    })
}

/// Writes the list. Equal lists give equal bytes.
///
/// # Errors
/// None in practice: a list has nothing that cannot be written.
pub fn encode(list: &WatchList) -> Result<Vec<u8>, WireError> {
    let data = ListData {
        triggers: list.triggers.iter().map(TriggerData::from).collect(),
        feeds: list.feeds.iter().map(FeedData::from).collect(),
        details: PackageDetailsData::of(&list.details),
    };
    write_compressed(BODY, data)
}

/// Reads the list.
///
/// # Errors
/// As for every row, and [`WireError::Compression`].
pub fn decode(bytes: &[u8]) -> Result<WatchList, WireError> {
    let data: ListData = read(BODY, &inflate(BODY, bytes)?)?;
    Ok(WatchList {
        triggers: data.triggers.into_iter().map(Into::into).collect(),
        feeds: data.feeds.into_iter().map(Into::into).collect(),
        details: data.details.into_details(),
    })
}
