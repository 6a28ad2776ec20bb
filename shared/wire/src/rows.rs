//! The stored rows: `{ "version": 1, "data": {…} }`, one module for each kind, each with `encode` and
//! `decode`. Rows that can grow (the watch list, snapshots, the history) are compressed once they have grown.
//!
//! Where a row is stored, and when it expires, is the store's matter.

pub mod budget;
mod compressed;
pub mod head;
pub mod history;
pub mod ledger;
pub mod pause;
pub mod scheduler_run;
pub mod snapshot;
pub mod trigger_file;
pub mod watch_list;

use serde::de::{DeserializeOwned, Error as _, IgnoredAny};
use serde::{Deserialize, Serialize};

use crate::{WireError, json};
use compressed::{inflate, write_compressed};

const VERSION: u64 = 1;

#[derive(Serialize, Deserialize)]
struct Versioned<T> {
    version: u64,
    data: T,
}

fn write<T: Serialize>(what: &str, data: T) -> Result<Vec<u8>, WireError> {
    serde_json::to_vec(&Versioned {
        version: VERSION,
        data,
    })
    .map_err(|source| WireError::Unwritable {
        what: what.to_owned(),
        source,
    })
}

/// Reads the text once where it is as it should be. Where it is not, its version is looked at before all else.
fn read<T: DeserializeOwned>(what: &str, bytes: &[u8]) -> Result<T, WireError> {
    let not_json = |source| WireError::NotJson {
        what: what.to_owned(),
        source,
    };
    // As a whole, because letter by letter of each string it would take longer.
    let text = str::from_utf8(bytes).map_err(|error| not_json(serde_json::Error::custom(error)))?;
    let row = json::read::<Versioned<T>>(what, "", text);
    if let Ok(Versioned {
        version: VERSION,
        data,
    }) = row
    {
        return Ok(data);
    }
    let of_version: Versioned<IgnoredAny> = serde_json::from_str(text).map_err(not_json)?;
    json::expect_version(what, "version", &of_version.version.into(), VERSION)?;
    Ok(row?.data)
}
