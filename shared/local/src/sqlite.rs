//! The store's table in a SQLite file.
//!
//! Calls are short and block. The file uses write-ahead logging, so readers of other processes never wait for the
//! writer. Expired rows are deleted when the file is opened and once an hour, and their space is reclaimed.

mod statements;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use domain::time::Timestamp;
use engine::ports::Clock;
use host::SystemClock;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use store::{Condition, Key, PutError, QueryOrder, Row, Table, TableError};

use statements::{LAYOUT, configure, get, is_met, prepare, purge, read_row};

/// The interval at which expired rows are deleted.
const PURGE_EVERY: Duration = Duration::from_secs(3_600);

/// A table in a SQLite file.
#[derive(Debug)]
pub struct SqliteTable {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    connection: Connection,
    purged: Instant,
}

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("cannot open the state file {}", path.display())]
    Sqlite {
        path: PathBuf,
        #[source]
        source: rusqlite::Error,
    },
    /// A newer program wrote the file.
    #[error(
        "the state file {} has layout {layout}, and this program reads layout {LAYOUT}; update this program",
        path.display()
    )]
    Newer { path: PathBuf, layout: i64 },
}

impl SqliteTable {
    /// Opens or creates the file and deletes expired rows.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let failed = |source| OpenError::Sqlite {
            path: path.to_owned(),
            source,
        };
        let mut connection = Connection::open(path).map_err(failed)?;
        configure(&connection).map_err(failed)?;
        let layout = prepare(&mut connection).map_err(failed)?;
        if layout > LAYOUT {
            return Err(OpenError::Newer {
                path: path.to_owned(),
                layout,
            });
        }
        purge(&connection, SystemClock.now()).map_err(failed)?;
        let state = State {
            connection,
            purged: Instant::now(),
        };
        Ok(Self {
            path: path.to_owned(),
            state: Mutex::new(state),
        })
    }

    /// Deletes the rows that are expired at `now` and reclaims their space. Returns the number of deleted rows.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn purge(&self, now: Timestamp) -> Result<usize, TableError> {
        purge(&self.state().connection, now).map_err(|error| self.write_error(error))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Executes one write in a transaction. Deletes expired rows first if due.
    fn write(
        &self,
        key: &Key,
        condition: Condition,
        write: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<usize>,
    ) -> Result<(), PutError> {
        let mut state = self.state();
        let done = state
            .write(key, condition, write)
            .map_err(|error| self.write_error(error))?;
        if done {
            Ok(())
        } else {
            Err(PutError::Conflict(key.clone()))
        }
    }

    fn read_error(&self, source: rusqlite::Error) -> TableError {
        self.failed("read from", source)
    }

    fn write_error(&self, source: rusqlite::Error) -> TableError {
        self.failed("write to", source)
    }

    fn failed(&self, operation: &'static str, source: rusqlite::Error) -> TableError {
        TableError {
            operation,
            table: self.path.display().to_string(),
            source: Box::new(source),
        }
    }
}

impl State {
    /// Returns whether the condition was met and the write was made.
    fn write(
        &mut self,
        key: &Key,
        condition: Condition,
        write: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<usize>,
    ) -> rusqlite::Result<bool> {
        if self.purged.elapsed() >= PURGE_EVERY {
            purge(&self.connection, SystemClock.now())?;
            self.purged = Instant::now();
        }
        // Acquires the write lock before reading the condition.
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        if !is_met(&transaction, key, condition)? {
            return Ok(false);
        }
        write(&transaction)?;
        transaction.commit()?;
        Ok(true)
    }
}

impl Table for SqliteTable {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Row>>, TableError> {
        let mut state = self.state();
        let mut read = || {
            // One transaction, so that all rows are from the same point in time.
            let transaction = state.connection.transaction()?;
            keys.iter()
                .map(|key| get(&transaction, key))
                .collect::<rusqlite::Result<_>>()
        };
        read().map_err(|error| self.read_error(error))
    }

    async fn query(
        &self,
        partition: &str,
        sort_prefix: &str,
        order: QueryOrder,
        limit: usize,
    ) -> Result<Vec<Row>, TableError> {
        let state = self.state();
        let read = || {
            let direction = match order {
                QueryOrder::Ascending => "ASC",
                QueryOrder::Descending => "DESC",
            };
            let mut statement = state.connection.prepare_cached(&format!(
                "SELECT partition, sort, revision, body, expires FROM rows
                 WHERE partition = ?1 AND sort >= ?2 AND substr(sort, 1, length(?2)) = ?2
                 ORDER BY sort {direction} LIMIT ?3"
            ))?;
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let rows = statement.query_map(params![partition, sort_prefix, limit], read_row)?;
            rows.collect::<rusqlite::Result<_>>()
        };
        read().map_err(|error| self.read_error(error))
    }

    async fn put(&self, row: Row, condition: Condition) -> Result<(), PutError> {
        self.write(&row.key, condition, |transaction| {
            transaction
                .prepare_cached(
                    "INSERT OR REPLACE INTO rows (partition, sort, revision, body, expires)
                     VALUES (?1, ?2, ?3, ?4, ?5)",
                )?
                .execute(params![
                    row.key.partition,
                    row.key.sort,
                    row.revision.cast_signed(),
                    row.body,
                    row.expires.map(Timestamp::as_millis),
                ])
        })
    }

    async fn delete(&self, key: &Key, condition: Condition) -> Result<(), PutError> {
        self.write(key, condition, |transaction| {
            transaction
                .prepare_cached("DELETE FROM rows WHERE partition = ?1 AND sort = ?2")?
                .execute(params![key.partition, key.sort])
        })
    }
}
