//! The scheduler's last round.

use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::{read, write};
use crate::WireError;
use crate::time::Time;

const WHAT: &str = "the tick row";

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TickData {
    published_at: Time,
}

/// Writes the row.
///
/// # Errors
/// [`WireError::Unwritable`] for a time without a written form.
pub fn encode(tick: Timestamp) -> Result<Vec<u8>, WireError> {
    write(
        WHAT,
        TickData {
            published_at: Time(tick),
        },
    )
}

/// Reads the row.
///
/// # Errors
/// As for every row: not JSON, a newer version, a wrong field.
pub fn decode(bytes: &[u8]) -> Result<Timestamp, WireError> {
    read(WHAT, bytes).map(|data: TickData| data.published_at.0)
}
