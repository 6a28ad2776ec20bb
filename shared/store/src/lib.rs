//! Implements the engine's storage ports over one table.
//!
//! [`Store`] defines the rows. [`Table`] is the conditional key-value table beneath, implemented by DynamoDB,
//! SQLite and memory. All storage rules are in this crate; a table only reads and writes.
//!
//! | row | partition | sort | body | expires |
//! |---|---|---|---|---|
//! | watch list, head | `watch-list` | `head` | JSON | never |
//! | watch list, body | `watch-list` | `body#NAME#CHUNK` | JSON, deflated if long | 1 h after it was replaced |
//! | applied trigger file | `trigger-file` | `applied` | JSON, deflated if long | never |
//! | last scheduler run | `scheduler` | `last-run` | JSON | never |
//! | pause | `pauses` | `feed#…`, `package#…`, `trigger#…` | JSON | 7 days after its end |
//! | budget | `pauses` | `budget#…` | JSON | 7 days after its pause; with its quota's window |
//! | rate limiter of Octopus's requests | `pauses` | `rate-limiter` | JSON | 24 h after the last sign of a rate limit |
//! | snapshot, head | `snapshot#SPACE#FEED#PACKAGE` | `head` | JSON | 90 days after no trigger watches the package |
//! | snapshot, body | `snapshot#SPACE#FEED#PACKAGE` | `body#NAME#CHUNK` | JSON, deflated if long | 1 h after it was replaced; 1 day after its head |
//! | documents of a trigger's project | `documents#SPACE#TRIGGER` | `entry` | JSON, deflated if long | 30 days after they were read |
//! | plan | `plan#KEY` | `entry` | JSON | set by the caller |
//! | channel lock | `lock#SPACE#PROJECT#CHANNEL` | `entry` | JSON | set by the caller; 1 day after release |
//! | evaluation | `history#SPACE#TRIGGER` | `TIME#HASH` | JSON, deflated if long | after 90 days |
//! | last request of a webhook | `webhooks` | `RECEIVER#OUTCOME` | JSON | after 90 days |
//! | latest evaluation | `latest` | `SPACE#TRIGGER` | JSON, deflated if long | 180 days after it |
//!
//! **Revisions.** Every row has a revision, and a conditional write names the revision that was read. A rewrite
//! increments it; a new row starts at the clock's milliseconds. Rows change far less often than once a
//! millisecond, so a row that is deleted after its expiry and created again never has a revision that another
//! process still knows.
//!
//! **Expiry** is lazy, as in DynamoDB: an expired row may still exist and counts as absent.
//!
//! **Bodies** are written before the head that names them and read by that name, so a reader gets the old pair or
//! the new one, never a mix; see [`body`].
#![expect(
    async_fn_in_trait,
    reason = "every step runs on one thread, so no caller needs the futures to be Send"
)]

mod body;
mod budgets;
pub mod conformance;
mod deployed_settings;
mod documents;
mod history;
mod keys;
mod ledger;
mod list_cache;
pub mod memory;
mod pauses;
mod rate_limiters;
mod rows;
mod scheduler_runs;
mod snapshots;
mod table;
mod trigger_files;
mod watch_lists;
mod webhook_requests;

pub use list_cache::ListCache;
pub use rows::Store;
pub use table::{Condition, Key, PutError, QueryOrder, Row, RowSummary, Table, TableError};
