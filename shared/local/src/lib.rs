//! One machine without AWS: the store's table in a SQLite file, and a bus within the process.
//!
//! [`SqliteTable`] may be read by several processes at once; running the system on a file is for one
//! process at a time, which [`RunLock`] sees to. What is on the [`InProcessBus`] is lost with the
//! process. Nothing comes of that: announcements are owed in the table, and the next round finds them.

mod bus;
mod lock;
mod owner;
mod sqlite;

pub use bus::InProcessBus;
pub use lock::{LockError, RunLock};
pub use owner::{OwnerError, claim_for};
pub use sqlite::{OpenError, SqliteTable};
