//! Runs on one machine without AWS: the store's table in a SQLite file, and a bus within the process.
//!
//! Several processes may read a [`SqliteTable`] at the same time; [`RunLock`] ensures that only one process runs
//! the pipeline on it. Messages on the [`InProcessBus`] are lost with the process. That is safe: pending events
//! are stored in the table, and the next scheduler run finds them.

mod bus;
mod lock;
mod networks;
mod owner;
mod sqlite;

pub use bus::InProcessBus;
pub use lock::{LockError, RunLock};
pub use networks::{networks, remember_networks};
pub use owner::{OwnerError, claim_for};
pub use sqlite::{OpenError, SqliteTable, copy};
