//! A ledger entry, of a plan or of a lane.
//!
//! An entry that is given up is written as released and not deleted: the row's revision goes on
//! counting, so no revision that somebody still holds can come round again.

use domain::ids::ReleaseId;
use domain::ledger::{Entry, Owner};
use serde::{Deserialize, Serialize};

use super::{read, write};
use crate::WireError;
use crate::time::Time;

const WHAT: &str = "the ledger row";

#[derive(Serialize, Deserialize)]
#[serde(
    tag = "state",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
enum EntryData {
    Claimed {
        owner: String,
        until: Time,
    },
    Done {
        release_id: String,
        release_version: String,
    },
    Released,
}

/// Writes the row; nothing stands for a released entry.
///
/// # Errors
/// [`WireError::Unwritable`] for a time without a written form.
pub fn encode(entry: Option<&Entry>) -> Result<Vec<u8>, WireError> {
    let data = match entry {
        Some(Entry::Claimed { owner, until }) => EntryData::Claimed {
            owner: owner.0.clone(),
            until: Time(*until),
        },
        Some(Entry::Done { release, version }) => EntryData::Done {
            release_id: release.to_string(),
            release_version: version.clone(),
        },
        None => EntryData::Released,
    };
    write(WHAT, data)
}

/// Reads the row; nothing stands for a released entry.
///
/// # Errors
/// As for every row: not JSON, a newer version, a wrong field.
pub fn decode(bytes: &[u8]) -> Result<Option<Entry>, WireError> {
    Ok(match read(WHAT, bytes)? {
        EntryData::Claimed { owner, until } => Some(Entry::Claimed {
            owner: Owner(owner),
            until: until.0,
        }),
        EntryData::Done {
            release_id,
            release_version,
        } => Some(Entry::Done {
            release: ReleaseId::new(release_id),
            version: release_version,
        }),
        EntryData::Released => None,
    })
}
