//! The file of triggers that was applied, compressed.

use domain::definition::Definitions;
use domain::time::Timestamp;
use engine::ports::AppliedFile;
use serde::{Deserialize, Serialize};

use super::{inflate, read, write_compressed};
use crate::WireError;
use crate::data::DefinitionsData;
use crate::time::Time;

const WHAT: &str = "the applied file of triggers";

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FileData {
    applied_at: Time,
    definitions: DefinitionsData,
}

/// Writes the row in at most `limit` bytes.
///
/// # Errors
/// [`WireError::TooLarge`] if it does not fit.
pub fn encode(
    definitions: &Definitions,
    applied_at: Timestamp,
    limit: usize,
) -> Result<Vec<u8>, WireError> {
    let data = FileData {
        applied_at: Time(applied_at),
        definitions: definitions.into(),
    };
    let row = write_compressed(WHAT, data)?;
    if row.len() > limit {
        return Err(WireError::TooLarge {
            what: format!("{WHAT}, compressed,"),
            bytes: row.len(),
            limit,
        });
    }
    Ok(row)
}

/// Reads the row. The revision is the store's.
///
/// # Errors
/// As for every row, and [`WireError::Compression`].
pub fn decode(bytes: &[u8], revision: u64) -> Result<AppliedFile, WireError> {
    let data: FileData = read(WHAT, &inflate(WHAT, bytes)?)?;
    Ok(AppliedFile {
        definitions: data.definitions.into(),
        applied_at: data.applied_at.0,
        revision,
    })
}
