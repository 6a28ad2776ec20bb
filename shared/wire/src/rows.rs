//! The stored rows: `{ "version": 1, "data": {…} }`, one module for each kind, each with `encode` and `decode`.
//! Rows that can grow (watch list, snapshots, history) are compressed above a size.
//!
//! The store defines keys and expiry.

pub mod budget;
mod compressed;
pub mod deployed_settings;
pub mod documents;
pub mod head;
pub mod history;
pub mod ledger;
pub mod pause;
pub mod rate_limiter;
pub mod scheduler_run;
pub mod snapshot;
pub mod trigger_file;
mod versioned;
pub mod watch_list;
pub mod webhook_request;

use serde::Serialize;
use serde::de::{DeserializeOwned, Error as _, IgnoredAny};

use crate::{WireError, json};
use compressed::{inflate, write_compressed};
use versioned::{VERSION, Versioned};

fn write<T: Serialize>(kind: &str, data: T) -> Result<Vec<u8>, WireError> {
    serde_json::to_vec(&Versioned {
        version: VERSION,
        data,
    })
    .map_err(|source| WireError::Unwritable {
        kind: kind.to_owned(),
        source,
    })
}

/// Parses a valid row once. If that fails, a newer version is reported before an invalid field.
fn read<T: DeserializeOwned>(kind: &str, bytes: &[u8]) -> Result<T, WireError> {
    let not_json = |source| WireError::NotJson {
        kind: kind.to_owned(),
        source,
    };
    // Validating UTF-8 once is faster than per string.
    let text = str::from_utf8(bytes).map_err(|error| not_json(serde_json::Error::custom(error)))?;
    let row = json::read::<Versioned<T>>(kind, "", text);
    if let Ok(Versioned {
        version: VERSION,
        data,
    }) = row
    {
        return Ok(data);
    }
    let of_version: Versioned<IgnoredAny> = serde_json::from_str(text).map_err(not_json)?;
    json::expect_version(kind, "version", &of_version.version.into(), VERSION)?;
    Ok(row?.data)
}
