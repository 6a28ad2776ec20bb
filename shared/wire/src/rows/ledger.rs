//! A ledger entry: the state of a plan or of a channel lock.
//!
//! A released entry is kept as a row with the state `released`, so that its revision continues to count up and a
//! process with an old revision cannot write it.

use domain::ids::ReleaseId;
use domain::ledger::{Entry, Owner};
use domain::plan::PlanKey;
use serde::{Deserialize, Serialize};

use super::{read, write};
use crate::WireError;
use crate::time::Time;

const KIND: &str = "the ledger row";

#[derive(Serialize, Deserialize)]
#[serde(
    tag = "state",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
enum EntryData {
    Leased {
        owner: String,
        expires_at: Time,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unsettled: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        plan: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        release_version: Option<String>,
    },
    Done {
        release_id: String,
        release_version: String,
    },
    Released,
}

/// Encodes the row; `None` is a released entry.
///
/// # Errors
/// [`WireError::Unwritable`] for a time that RFC 3339 cannot express.
pub fn encode(entry: Option<&Entry>) -> Result<Vec<u8>, WireError> {
    let data = match entry {
        Some(Entry::Claimed {
            owner,
            until,
            unsettled,
            plan,
            number,
        }) => EntryData::Leased {
            owner: owner.0.clone(),
            expires_at: Time(*until),
            unsettled: unsettled.clone(),
            plan: plan.as_ref().map(ToString::to_string),
            release_version: number.clone(),
        },
        Some(Entry::Done { release, version }) => EntryData::Done {
            release_id: release.to_string(),
            release_version: version.clone(),
        },
        None => EntryData::Released,
    };
    write(KIND, data)
}

/// Decodes the row; `None` is a released entry.
///
/// # Errors
/// [`WireError::NotJson`], [`WireError::Version`], [`WireError::Field`].
pub fn decode(bytes: &[u8]) -> Result<Option<Entry>, WireError> {
    Ok(match read(KIND, bytes)? {
        EntryData::Leased {
            owner,
            expires_at,
            unsettled,
            plan,
            release_version,
        } => Some(Entry::Claimed {
            owner: Owner(owner),
            until: expires_at.0,
            unsettled,
            plan: plan.map(PlanKey::new),
            number: release_version,
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
