//! The body of a snapshot: all versions. It may be compressed.

use domain::snapshot::{Seen, Snapshot};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Serialize, Serializer};

use super::{inflate, read, write_compressed};
use crate::WireError;
use crate::time::Time;

const KIND: &str = "the snapshot body";

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct VersionData<S> {
    version: S,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<S>,
    #[serde(skip_serializing_if = "Option::is_none")]
    published: Option<Time>,
    first_seen: Time,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pushed_again: Option<Time>,
}

/// Serializes the versions one by one, so that a long list is in memory once.
struct Versions<'a>(&'a Snapshot);

impl Serialize for Versions<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.len()))?;
        for (version, seen) in self.0.versions() {
            list.serialize_element(&VersionData {
                version,
                digest: seen.digest.as_deref(),
                published: seen.published.map(Time),
                first_seen: Time(seen.first_seen),
                pushed_again: seen.pushed_again.map(Time),
            })?;
        }
        list.end()
    }
}

/// Encodes the body. Equal snapshots give equal bytes.
///
/// # Errors
/// [`WireError::Unwritable`] for a time that RFC 3339 cannot express.
pub fn encode(snapshot: &Snapshot) -> Result<Vec<u8>, WireError> {
    write_compressed(KIND, Versions(snapshot))
}

/// Decodes the body.
///
/// # Errors
/// Those of every row, and [`WireError::Compression`].
pub fn decode(bytes: &[u8]) -> Result<Snapshot, WireError> {
    let text = inflate(KIND, bytes)?;
    let versions: Vec<VersionData<String>> = read(KIND, &text)?;
    Ok(Snapshot::from_versions(versions.into_iter().map(|data| {
        let seen = Seen {
            digest: data.digest,
            published: data.published.map(|time| time.0),
            first_seen: data.first_seen.0,
            pushed_again: data.pushed_again.map(|time| time.0),
        };
        (data.version, seen)
    })))
}
