//! The envelope of a row: its version and data.

use serde::{Deserialize, Serialize};

pub(super) const VERSION: u64 = 1;

#[derive(Serialize, Deserialize)]
pub(super) struct Versioned<T> {
    pub(super) version: u64,
    pub(super) data: T,
}
