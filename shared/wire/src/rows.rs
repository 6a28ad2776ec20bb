//! The stored rows: `{ "version": 1, "data": {…} }`, one module for each kind, each with `encode` and
//! `decode`. Rows that can grow (the watch list, snapshots, the history) are compressed with deflate.
//!
//! Where a row is stored, and when it expires, is the store's matter.

pub mod budget;
pub mod head;
pub mod history;
pub mod ledger;
pub mod pause;
pub mod snapshot;
pub mod tick;
pub mod trigger_file;
pub mod watch_list;

use std::io::Read;

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};

use crate::{WireError, json};

const VERSION: u64 = 1;

/// The most that a compressed row may hold: a snapshot of half a million versions takes some 60 MB.
const MAX_INFLATED: u64 = 128 * 1024 * 1024;

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
    let row = json::read::<Versioned<T>>(what, "", bytes);
    if let Ok(Versioned {
        version: VERSION,
        data,
    }) = row
    {
        return Ok(data);
    }
    let of_version: Versioned<IgnoredAny> =
        serde_json::from_slice(bytes).map_err(|source| WireError::NotJson {
            what: what.to_owned(),
            source,
        })?;
    json::expect_version(what, "version", &of_version.version.into(), VERSION)?;
    Ok(row?.data)
}

/// [`write()`], compressed on the way.
fn write_compressed<T: Serialize>(what: &str, data: T) -> Result<Vec<u8>, WireError> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    serde_json::to_writer(
        &mut encoder,
        &Versioned {
            version: VERSION,
            data,
        },
    )
    .map_err(|source| WireError::Unwritable {
        what: what.to_owned(),
        source,
    })?;
    encoder.finish().map_err(|source| WireError::Compression {
        what: what.to_owned(),
        source,
    })
}

/// The uncompressed bytes, never more than [`MAX_INFLATED`]: what lies beyond shows as broken JSON.
fn inflate(what: &str, bytes: &[u8]) -> Result<Vec<u8>, WireError> {
    let mut inflated = Vec::new();
    DeflateDecoder::new(bytes)
        .take(MAX_INFLATED)
        .read_to_end(&mut inflated)
        .map_err(|source| WireError::Compression {
            what: what.to_owned(),
            source,
        })?;
    Ok(inflated)
}
