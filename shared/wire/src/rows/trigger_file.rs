//! The applied trigger file. It may be compressed.

use domain::definition::Definitions;
use domain::time::Timestamp;
use engine::ports::AppliedFile;
use serde::{Deserialize, Serialize};

use super::{inflate, read, write_compressed};
use crate::WireError;
use crate::data::DefinitionsData;
use crate::time::Time;

const KIND: &str = "the applied trigger file";

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FileData {
    applied_at: Time,
    definitions: DefinitionsData,
}

/// Encodes the row in at most `limit` bytes.
///
/// # Errors
/// [`WireError::TooLarge`] if it is larger.
pub fn encode(
    definitions: &Definitions,
    applied_at: Timestamp,
    limit: usize,
) -> Result<Vec<u8>, WireError> {
    let data = FileData {
        applied_at: Time(applied_at),
        definitions: definitions.into(),
    };
    let row = write_compressed(KIND, data)?;
    if row.len() > limit {
        return Err(WireError::TooLarge {
            kind: format!("{KIND}, compressed,"),
            bytes: row.len(),
            limit,
        });
    }
    Ok(row)
}

/// Decodes the row. `revision` comes from the store.
///
/// # Errors
/// Those of every row, and [`WireError::Compression`].
pub fn decode(bytes: &[u8], revision: u64) -> Result<AppliedFile, WireError> {
    let data: FileData = read(KIND, &inflate(KIND, bytes)?)?;
    Ok(AppliedFile {
        definitions: data.definitions.into(),
        applied_at: data.applied_at.0,
        revision,
    })
}
