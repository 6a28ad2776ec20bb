//! What is remembered between runs: the engine's storage ports over one table.
//!
//! [`Store`] knows the rows, [`Table`] is the conditional key-value table beneath, of which there are
//! three: DynamoDB, SQLite and memory. All rules live here, once; a table only reads and writes.
//!
//! | row | partition | sort | body | expires |
//! |---|---|---|---|---|
//! | watch list, head | `watchlist` | `head` | JSON | never |
//! | watch list, body | `watchlist` | `body#NAME#CHUNK` | JSON, deflated if long | 1 h after it was replaced |
//! | applied file of triggers | `triggerfile` | `applied` | JSON, deflated if long | never |
//! | last tick | `scheduler` | `tick` | JSON | never |
//! | pause | `pauses` | `feed#…`, `package#…`, `trigger#…` | JSON | 7 days after its end |
//! | budget | `pauses` | `budget#…` | JSON | 7 days after its pause; with its quota's window |
//! | snapshot, head | `snapshot#SPACE#FEED#PACKAGE` | `head` | JSON | never |
//! | snapshot, body | `snapshot#SPACE#FEED#PACKAGE` | `body#NAME#CHUNK` | JSON, deflated if long | 1 h after it was replaced |
//! | plan | `plan#KEY` | `entry` | JSON | as the caller says |
//! | lane | `channel_lock#SPACE#PROJECT#CHANNEL` | `entry` | JSON | as the caller says; 1 day once released |
//! | evaluation | `history#SPACE#TRIGGER` | `TIME#HASH` | JSON, deflated if long | after 90 days |
//! | newest evaluation | `latest` | `SPACE#TRIGGER` | JSON, deflated if long | never |
//!
//! **Revisions.** Every row has one, and a conditional write names the one it was read at. A rewritten
//! row counts up by one; a new one starts at the clock's milliseconds. Rows change far less often than
//! once a millisecond, so a row that expired, was deleted and is made again never meets a revision that
//! somebody still holds.
//!
//! **Expiry** is lazy, as in DynamoDB: a row past its time may still be there, and counts as absent.
//!
//! **Bodies** are written whole before the head that names them, and read by that name, so a reader
//! sees the old pair or the new one and never half of each; see [`body`].
#![expect(
    async_fn_in_trait,
    reason = "every step runs on one thread, so no caller needs the futures to be Send"
)]

mod body;
mod budgets;
pub mod conformance;
mod history;
mod keys;
mod ledger;
pub mod memory;
mod pauses;
mod rows;
mod scheduler_runs;
mod snapshots;
mod table;
mod trigger_files;
mod watch_lists;

pub use rows::Store;
pub use table::{Condition, Key, Order, PutError, Row, Table, TableError};
