//! The watch list: a small head with the time, and the compressed list.

use domain::ids::{FeedId, PackageId, PackageKey, SpaceId};
use domain::time::Timestamp;
use domain::trigger::{Needs, WatchList};
use serde::{Deserialize, Serialize};

use super::{inflate, read, write, write_compressed};
use crate::WireError;
use crate::data::{FeedData, TriggerData};
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
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct HeadData {
    read_at: Time,
    body: String,
}

#[derive(Serialize, Deserialize)]
struct ListData {
    triggers: Vec<TriggerData>,
    feeds: Vec<FeedData>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    dated: Vec<KeyData>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct KeyData {
    space_id: String,
    feed_id: String,
    package_id: String,
}

impl From<&PackageKey> for KeyData {
    fn from(key: &PackageKey) -> Self {
        Self {
            space_id: key.space.to_string(),
            feed_id: key.feed.to_string(),
            package_id: key.package.to_string(),
        }
    }
}

impl From<KeyData> for PackageKey {
    fn from(data: KeyData) -> Self {
        Self {
            space: SpaceId::new(data.space_id),
            feed: FeedId::new(data.feed_id),
            package: PackageId::new(data.package_id),
        }
    }
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
        dated: list
            .needs
            .iter()
            .filter(|(_, needs)| needs.dates)
            .map(|(key, _)| KeyData::from(key))
            .collect(),
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
        needs: data
            .dated
            .into_iter()
            .map(|key| {
                let dates = true;
                (
                    key.into(),
                    Needs {
                        dates,
                        ..Needs::default()
                    },
                )
            })
            .collect(),
    })
}
